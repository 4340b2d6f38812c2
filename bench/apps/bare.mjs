// The least that could do it: a tree of the same shape, and as many files of about the same texts, pieced together and written.
// Nothing is checked, quoted, hashed or compared.
import { mkdirSync, writeFileSync } from 'node:fs';
import { Construct, RootConstruct } from 'constructs';
import { MACHINES, OUTPUT, placesOn } from './measure.mjs';

class Part extends Construct {
  constructor(scope, id, facts = {}) {
    super(scope, id);
    this.facts = facts;
  }
}

const FILES = ['ClusterScript', 'ContainersScript', 'Firewall', 'JoinPreseed', 'Containers'];
/** What stands in each of a machine's scripts, whatever it is for. */
const PREAMBLE = '# a line that stands in every script, because every script needs some\n'.repeat(16);

const app = new RootConstruct();
const site = new Part(app, 'site');
const cluster = new Part(site, 'Cluster');
const web = new Part(site, 'web');
const machines = Array.from({ length: MACHINES }, (_, index) => {
  const member = new Part(cluster, `vm${index}`, { address: `192.168.57.${index + 1}` });
  new Part(member, 'Machine', { memory: 1024, cpus: 1 });
  for (const file of FILES) new Part(member, file);
  return { member, apps: [], servers: [] };
});
for (const [machine, { apps, servers }] of machines.entries()) {
  const [from, to] = placesOn(machine);
  for (let index = from; index < to; index++) {
    const place = { machine, address: `10.77.${machine}.${(index % 100) + 10}`, port: 10_000 + index };
    apps.push(new Part(site, `app${index}`, place));
    const server = new Part(web, `web${index}`, place);
    new Part(server, 'Container', place);
    servers.push(server);
  }
}

const folder = `${OUTPUT}/site`;
for (const name of ['containers', 'firewall', 'preseeds']) mkdirSync(`${folder}/${name}`, { recursive: true });
const write = (path, text) => writeFileSync(`${folder}/${path}`, text);
const addresses = machines.map(({ member }) => [member.node.id, member.facts.address]);

for (const { member, apps, servers } of machines) {
  const name = member.node.id;
  const others = addresses.filter(([other]) => other !== name).map(([other, address]) => `  ${other} ${address} \\\n`);
  write(`cluster-${name}.sh`, `#!/bin/bash\n# Made from ${member.node.path}\n${PREAMBLE}join \\\n${others.join('')}\n`);

  const steps = [...apps, ...servers].map((part) => {
    const { id, path } = part.node;
    const start = `# ${path}\nstep "Container ${id}"\ncontainer ${id} template:apache-eec87d05c789\n`;
    if (part.node.scope !== web) return `${start}\n`;
    const serve = `install_software ${id} software/apache.sh\nweb_server ${id} sites/web 192.168.57.1\n`;
    return `${start}${serve}await_answer ${id} ${part.facts.address} 80\n\n`;
  });
  write(`${name}_cfg.sh`, `#!/bin/bash\n# Made from ${member.node.path}\n${PREAMBLE}\n${steps.join('')}finish\n`);

  const rules = servers.map(
    ({ node, facts }) => `\t\t# ${node.path}/Container\n\t\tip daddr ${facts.address} tcp dport 80 ip saddr { 192.168.57.1 } accept\n\n`,
  );
  write(`firewall/${name}.nft`, `${PREAMBLE}table inet own {\n${rules.join('')}}\n`);
  write(`preseeds/${name}-join.yaml`, `cluster:\n  enabled: true\n  server_name: ${name}\n  server_address: ${member.facts.address}\n`);

  const settings = [...apps, ...servers].map(({ node, facts: { address, port } }) => {
    const user = { 'user.cdk-vagrant.path': `${node.path}/Container`, 'user.cdk-vagrant.stack': 'site' };
    const config = { 'boot.autostart': 'true', 'limits.cpu': '', 'limits.memory': '', ...user };
    const eth0 = { 'ipv4.address': address, name: 'eth0', network: 'lxdbr0', 'security.port_isolation': 'true', type: 'nic' };
    const proxy = { connect: `tcp:${address}:80`, listen: `tcp:${member.facts.address}:${port}`, nat: 'true', type: 'proxy' };
    return [node.id, { config, devices: { eth0, ...(node.scope === web ? { [`port-${port}`]: proxy } : {}) } }];
  });
  write(`containers/${name}.json`, `${JSON.stringify(Object.fromEntries(settings), undefined, 2)}\n`);
}

const defined = machines.map(({ member: { node, facts } }) => `config.vm.define "${node.id}", ip: "${facts.address}"\n${PREAMBLE}\n`);
write('Vagrantfile', defined.join(''));
const lines = machines.flatMap(({ member, servers }) =>
  servers.map(({ node: { id }, facts: { port } }) => {
    const use = `    use-server ${id} if { be_conn(web) gt 8000 } { srv_is_up(web/${id}) } { rand(${port}) eq 0 }\n`;
    return `${use}    server ${id} ${member.facts.address}:${port} maxconn 16\n`;
  }),
);
write('haproxy.cfg', `${PREAMBLE}backend web\n${lines.join('')}`);
const describe = ({ node }) => ({
  id: node.id,
  path: node.path,
  type: 'Part',
  ...(node.children.length > 0 ? { children: node.children.map(describe) } : {}),
});
write('tree.json', `${JSON.stringify(describe(site), undefined, 2)}\n`);
