// aws-cdk-lib: half instances and half target groups, as CfnResources in stacks of 500, which is the most a stack may have.
// `node aws-cdk.mjs COUNT FOLDER off` switches off all validation that can be.
import { createRequire } from 'node:module';
import { COUNT, OUTPUT } from './measure.mjs';

// As in an app that is compiled to CommonJS: an import from an ES module would load hundreds of files more.
const { App, CfnResource, Stack } = createRequire(import.meta.url)('aws-cdk-lib');

const PER_STACK = 500;
const off = process.argv[4] === 'off';

const app = new App({ outdir: OUTPUT, analyticsReporting: false, builtinCloudFormationValidation: !off });
for (let first = 0; first < COUNT; first += PER_STACK) {
  const stack = new Stack(app, `site${first / PER_STACK}`);
  for (let index = first / 2; index < Math.min(COUNT, first + PER_STACK) / 2; index++) {
    new CfnResource(stack, `app${index}`, {
      type: 'AWS::EC2::Instance',
      properties: {
        ImageId: '{{resolve:ssm:/site/image}}',
        InstanceType: 't3.micro',
        PrivateIpAddress: `10.77.${Math.floor(index / 200)}.${(index % 200) + 10}`,
        SubnetId: `subnet-0123456789abc${String(index % 100).padStart(4, '0')}`,
        Tags: [{ Key: 'Name', Value: `app${index}` }],
      },
    });
    new CfnResource(stack, `web${index}`, {
      type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
      properties: {
        HealthCheckPath: '/',
        Name: `web${index}`,
        Port: 10_000 + index,
        Protocol: 'HTTP',
        TargetType: 'instance',
        VpcId: 'vpc-0123456789abcdef0',
      },
    });
  }
}
app.synth({ skipValidation: off });
