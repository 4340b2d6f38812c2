// The like of ../../bin/balanceador.ts: three machines, a balancer, two servers behind it and two that stand in for them.
import { App, aws_ec2 as ec2, aws_elasticloadbalancingv2 as elb, Fn, Stack } from 'aws-cdk-lib';

const app = new App();
const stack = new Stack(app, 'balanceador');

const vpc = new ec2.CfnVPC(stack, 'Vpc', { cidrBlock: '192.168.56.0/24' });
const subnets = ['192.168.56.0/25', '192.168.56.128/25'].map(
  (cidrBlock, zone) =>
    new ec2.CfnSubnet(stack, `Subnet${zone}`, { vpcId: vpc.ref, cidrBlock, availabilityZone: Fn.select(zone, Fn.getAzs()) }),
);
const machine = (name: string, privateIpAddress: string) =>
  new ec2.CfnInstance(stack, name, {
    imageId: '{{resolve:ssm:/balanceador/image}}',
    instanceType: 't3.micro',
    privateIpAddress,
    subnetId: subnets[0]?.ref ?? '',
    tags: [{ key: 'Name', value: name }],
  });
machine('vmBalanceador', '192.168.56.5');
const servidor1 = machine('vmServidor1', '192.168.56.6');
const servidor2 = machine('vmServidor2', '192.168.56.7');

const guard = new ec2.CfnSecurityGroup(stack, 'Guard', {
  groupDescription: 'Who may reach the balancer',
  vpcId: vpc.ref,
  securityGroupIngress: [{ ipProtocol: 'tcp', fromPort: 1080, toPort: 1080, cidrIp: '192.168.56.0/24' }],
});
const balancer = new elb.CfnLoadBalancer(stack, 'Balancer', {
  type: 'application',
  subnets: subnets.map((subnet) => subnet.ref),
  securityGroups: [guard.ref],
});
const group = (id: string, servers: readonly [ec2.CfnInstance, number][]) =>
  new elb.CfnTargetGroup(stack, id, {
    port: 80,
    protocol: 'HTTP',
    targetType: 'instance',
    vpcId: vpc.ref,
    healthCheckPath: '/',
    healthCheckIntervalSeconds: 5,
    targets: servers.map(([on, port]) => ({ id: on.ref, port })),
  });
const web = group('Web', [
  [servidor1, 10_001],
  [servidor2, 10_002],
]);
const backups = group('Backups', [
  [servidor2, 10_003],
  [servidor1, 10_004],
]);
const listener = new elb.CfnListener(stack, 'Http', {
  loadBalancerArn: balancer.ref,
  port: 1080,
  protocol: 'HTTP',
  defaultActions: [{ type: 'forward', targetGroupArn: web.ref }],
});
for (const code of ['500', '502', '503', '504']) {
  new elb.CfnListenerRule(stack, `Page${code}`, {
    listenerArn: listener.ref,
    priority: Number(code),
    conditions: [{ field: 'path-pattern', pathPatternConfig: { values: [`/${code}`] } }],
    actions: [
      { type: 'fixed-response', fixedResponseConfig: { statusCode: code, contentType: 'text/plain', messageBody: `error ${code}` } },
    ],
  });
}
new elb.CfnListenerRule(stack, 'StandIn', {
  listenerArn: listener.ref,
  priority: 1,
  conditions: [{ field: 'path-pattern', pathPatternConfig: { values: ['/backup'] } }],
  actions: [{ type: 'forward', targetGroupArn: backups.ref }],
});

app.synth();
