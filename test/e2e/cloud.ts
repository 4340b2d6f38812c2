// The paper's tree on three Debian 12 machines without Vagrant: QEMU, cloud-init, and the media that `cdkv seed` makes. One loses its power
// in the middle of its first boot. Then the checks of run.ts that Vagrant has no part in. Run by `npm run e2e:cloud`, as root.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { alternates, carriesLoad, clusterIsWhole, failsOver, statisticsAndErrors } from './checks.js';
import {
  cdkv,
  cleanUp,
  domain,
  expect,
  MACHINES,
  type MachineName,
  makeProject,
  must,
  OUTPUT,
  onClouds,
  PROJECT,
  prepareBox,
  prepareKey,
  runToItsEnd,
  STACK,
  say,
  trySsh,
  until,
  virsh,
  WORK,
} from './rig.js';
import { settled } from './system.js';

const { values } = parseArgs({
  options: {
    /** Leaves the machines as they are at the end. */
    keep: { type: 'boolean', default: false },
    /** Uses the machines that an earlier run with --keep left. */
    checks: { type: 'boolean', default: false },
  },
});

/** What run.ts wrote of the system that Vagrant brought up undisturbed. */
const MEASURED = join(WORK, 'measured.json');
const NETWORK = `${STACK}-private`;
/** Emulated machines take this long for all of it. */
const PATIENCE_SECONDS = 2400;

/** The network between the machines and this host, which has no DHCP and no way out. */
async function makeNetwork(): Promise<void> {
  const file = join(WORK, 'network.xml');
  const xml = `<network><name>${NETWORK}</name><bridge name="virbr-cdkv"/><ip address="192.168.56.1" netmask="255.255.255.0"/></network>`;
  writeFileSync(file, xml);
  await virsh('net-create', file);
}

/**
 * A machine as clouds make them: a disk from an image, two interfaces, and a medium. That is a disk as well: cloud-init looks for it before
 * anything loads what a CD drive needs, and the box's initrd has but virtio.
 */
async function boot(machine: MachineName): Promise<void> {
  const disk = join('/var/lib/libvirt/images', `${domain(machine)}.img`);
  await must('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', join(WORK, 'cloud.img'), disk]);
  // QEMU is another user, who may not look into the folder of the keys.
  const medium = join('/var/lib/libvirt/images', `${domain(machine)}.iso`);
  await must('install', ['-m', '600', join(OUTPUT, '.cdkv-seed', `${machine}.iso`), medium]);
  const file = join(WORK, `${machine}.xml`);
  const nic = (network: string) => `<interface type="network"><source network="${network}"/><model type="virtio"/></interface>`;
  writeFileSync(
    file,
    `<domain type="qemu">
  <name>${domain(machine)}</name>
  <memory unit="MiB">1024</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch="x86_64">hvm</type>
    <kernel>${WORK}/vmlinuz</kernel>
    <initrd>${WORK}/initrd</initrd>
    <cmdline>root=/dev/vda rw console=ttyS0 net.ifnames=0 biosdevname=0 mitigations=off</cmdline>
  </os>
  <features><acpi/></features>
  <cpu mode="custom"><model>qemu64</model></cpu>
  <devices>
    <disk type="file" device="disk"><driver name="qemu" type="qcow2"/><source file="${disk}"/><target dev="vda" bus="virtio"/></disk>
    <disk type="file" device="disk"><driver name="qemu" type="raw"/><source file="${medium}"/><target dev="vdb" bus="virtio"/><readonly/></disk>
    ${nic('default')}${nic(NETWORK)}
    <serial type="file"><source path="${WORK}/${machine}.console"/></serial>
  </devices>
</domain>
`,
  );
  await virsh('define', file);
  await virsh('start', domain(machine));
}

const console = (machine: MachineName) =>
  existsSync(`${WORK}/${machine}.console`) ? readFileSync(`${WORK}/${machine}.console`, 'utf8') : '';

async function bringUp(): Promise<void> {
  const began = Date.now();
  await makeNetwork();
  for (const machine of MACHINES) await boot(machine);
  say('three machines boot from their media; vmServidor1 is to lose its power when it installs LXD');
  await until(PATIENCE_SECONDS, 'vmServidor1 at work', async () => (/LXD, from/.test(console('vmServidor1')) ? true : undefined));
  await virsh('destroy', domain('vmServidor1'));
  say('  vmServidor1 is without power');
  await virsh('start', domain('vmServidor1'));
  for (const machine of MACHINES) {
    const done = await until(PATIENCE_SECONDS, `the end of ${machine}`, async () => {
      const { code, out } = await trySsh(machine, 'cat /var/lib/cdk-vagrant/seed.done');
      return code === 0 ? out.trim() : undefined;
    });
    expect(/^[0-9a-f]{64}\b/.test(done), `${machine} is what its seed says, after ${Math.round((Date.now() - began) / 1000)} s`);
    const left = await trySsh(machine, 'ls -A /var/lib/cdk-vagrant/seed /run/cdk-vagrant/environment /run/cdk-vagrant/keys 2>/dev/null');
    expect(left.out.trim() === '', `${machine} has no key of the seed any more`);
  }
}

async function main(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('this needs root: it installs packages and starts virtual machines');
  await must(join(PROJECT, 'test/e2e/rig/host-up'), []);
  await prepareKey();
  await prepareBox('debian12');
  onClouds();
  if (!values.checks) {
    await cleanUp();
    await must(join(PROJECT, 'test/e2e/rig/make-cloud-image'), [WORK]);
    await must(join(PROJECT, 'test/e2e/rig/make-container-image'), [join(WORK, 'image')]);
    await makeProject();
    const seeds = await cdkv('seed');
    expect(seeds.code === 0, `cdkv seed made ${MACHINES.length} media`);
    await bringUp();
  }
  await clusterIsWhole();
  await alternates();
  await statisticsAndErrors();
  await failsOver();
  await carriesLoad(1);
  if (!existsSync(MEASURED))
    return say('no run of Vagrant has left its end state, so there is nothing to compare with; run npm run e2e first');
  const { undisturbed } = JSON.parse(readFileSync(MEASURED, 'utf8')) as { undisturbed: string };
  const state = await settled(120);
  if (state !== undisturbed) say(`by cloud-init:\n${state}\nby Vagrant:\n${undisturbed}`);
  expect(state === undisturbed, 'the end state is the one that Vagrant comes to');
}

await runToItsEnd(main, values.keep || values.checks);
