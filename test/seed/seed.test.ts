import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { App, CloudInitTarget, Image, Stack } from '../../lib/index.js';
import { makeSeeds, type SeedOptions } from '../../lib/seed/index.js';
import { aCluster, aSite, fill, output, removeTemporaries, run, temporary } from '../support.js';

removeTemporaries();

const target = () => new CloudInitTarget({ network: { private: { name: 'eth1' }, dhcp: [{ name: 'eth0' }] } });

function assembled(build: (stack: Stack) => unknown = aSite) {
  const app = new App({ outdir: join(temporary(), 'out') });
  build(new Stack(app, 's', { targets: [target()] }));
  const [stack] = app.assemble().stacks;
  if (stack === undefined) throw new Error('the app has a stack');
  return stack;
}

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
const listed = (archive: string) => output('tar', ['-tf', archive]).trim().split('\n');
const unpacked = (archive: string, name: string) => output('tar', ['-xOf', archive, name]);

/** The variables of a script's environment, decoded, as bash reads them. */
function environment(archive: string, script: string): Record<string, string> {
  const file = join(fill(temporary(), { environment: unpacked(archive, `environment/${script}`) }), 'environment');
  const text = output('env', ['-i', 'bash', '-c', `set -a; . ${file}; env -0`]);
  const pairs = text.split('\0').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  return Object.fromEntries(
    pairs
      .filter(([name]) => /^(CLUSTER|JOIN|PROVISIONED)/.test(name))
      .map(([name, value]) => [name, Buffer.from(value, 'base64').toString()]),
  );
}

const archives = async (stack: Awaited<ReturnType<typeof assembled>>, options: SeedOptions = {}) =>
  Object.fromEntries((await makeSeeds(stack, { kind: 'archive', ...options })).map(({ machine, path }) => [machine, path]));

describe('makeSeeds', () => {
  it('hands over the scripts, the files that they read, and the keys', async () => {
    const stack = assembled();
    const { m1 = '', m2 = '' } = await archives(stack);
    expect(listed(m1)).toEqual([
      'environment/01-cluster',
      'environment/02-containers',
      'scripts/01-cluster',
      'scripts/02-containers',
      'environment/none',
      'machine',
      'bundle.tar',
      'uploads.txt',
    ]);
    const fileOf = (path: string) => Buffer.from(stack.files.find((file) => file.path === path)?.content ?? '').toString();
    expect(unpacked(m1, 'scripts/01-cluster')).toBe(fileOf('cluster-m1.sh'));
    expect(unpacked(m2, 'scripts/02-containers')).toBe(fileOf('m2_cfg.sh'));
    const bundle = join(
      fill(temporary(), { 'bundle.tar': output('bash', ['-c', `tar -xOf '${m2}' bundle.tar | base64 -w0`]) }),
      'bundle.tar',
    );
    const names = output('bash', ['-c', `base64 -d <'${bundle}' | tar -t`])
      .trim()
      .split('\n');
    expect(names).toEqual(JSON.parse(fileOf('cloud-init/m2/seed.json')).bundle);
    expect([mode(m1), mode(join(m1, '..'))]).toEqual(['600', '700']);
  });

  it('makes keys once; their certificates are what LXD takes', async () => {
    const stack = assembled();
    const first = environment((await archives(stack)).m1 ?? '', '01-cluster');
    const { m1 = '', m2 = '' } = await archives(stack);
    const again = environment(m1, '01-cluster');
    expect(again).toEqual(first);
    const other = environment(m2, '01-cluster');
    // Who does not found the cluster gets no key of it.
    expect(Object.keys(other).sort()).toEqual(['CLUSTER_CERTIFICATE', 'JOIN_CERTIFICATE', 'JOIN_KEY']);
    expect(other.JOIN_KEY).toBe(first.JOIN_KEY);
    const folder = fill(temporary(), { key: first.CLUSTER_KEY ?? '', certificate: first.CLUSTER_CERTIFICATE ?? '' });
    const publicOf = (words: string[]) => output('openssl', [...words], { cwd: folder });
    expect(publicOf(['pkey', '-in', 'key', '-pubout'])).toBe(publicOf(['x509', '-in', 'certificate', '-noout', '-pubkey']));
    const text = output('openssl', ['x509', '-in', 'certificate', '-noout', '-text'], { cwd: folder });
    expect(text).toMatch(/Subject: O = cdk-vagrant, CN = cluster/);
    expect(text).toMatch(/ASN1 OID: secp384r1/);
    expect(text).toMatch(/DNS:cluster/);
    expect(output('openssl', ['x509', '-in', 'certificate', '-noout', '-checkend', String(9 * 365 * 86_400)], { cwd: folder })).toContain(
      'will not expire',
    );
  });

  it('lets machines found a cluster, unless they are to come back to one', async () => {
    const stack = assembled();
    expect(environment((await archives(stack)).m1 ?? '', '01-cluster').PROVISIONED).toBe('');
    const back = await archives(stack, { machines: ['m1'], rejoin: true });
    expect(Object.keys(back)).toEqual(['m1']);
    expect(environment(back.m1 ?? '', '01-cluster').PROVISIONED).toBe('m2 m3');
  });

  it('makes a medium that cloud-init finds, with what it reads', async () => {
    const stack = assembled();
    const [seed] = await makeSeeds(stack, { machines: ['m2'] });
    const image = seed?.path ?? '';
    expect(image).toBe(join(stack.folder, '.cdkv-seed', 'm2.iso'));
    expect(mode(image)).toBe('600');
    expect(output('blkid', [image])).toMatch(/LABEL="CIDATA" TYPE="iso9660"/);
    const folder = temporary();
    output('xorriso', ['-osirrox', 'on', '-indev', image, '-extract', '/', folder]);
    expect(readdirSync(folder).sort()).toEqual(['meta-data', 'network-config', 'seed.tar', 'user-data']);
    const fileOf = (path: string) => Buffer.from(stack.files.find((file) => file.path === path)?.content ?? '').toString();
    for (const name of ['meta-data', 'network-config', 'user-data'])
      expect(readFileSync(join(folder, name), 'utf8')).toBe(fileOf(`cloud-init/m2/${name}`));
    expect(listed(join(folder, 'seed.tar'))).toContain('bundle.tar');
    expect(readdirSync(join(image, '..')).sort()).toEqual(['.gitignore', 'keys', 'm2.iso']);
  });

  it('brings large files along', async () => {
    const files = fill(temporary(), { 'metadata.tar.gz': 'meta', 'rootfs.squashfs': 'x'.repeat(300_000) });
    const image = Image.files({ alias: 'own', metadata: join(files, 'metadata.tar.gz'), rootfs: join(files, 'rootfs.squashfs') });
    const stack = assembled((own) => aSite(own, {}, { image }));
    const { m1 = '', m2 = '' } = await archives(stack);
    expect(listed(m1).filter((name) => name.startsWith('uploads/'))).toEqual(['uploads/0', 'uploads/1']);
    expect(unpacked(m1, 'uploads.txt')).toMatch(/^uploads\/0 \/\S+\nuploads\/1 \/\S+\n$/);
    expect(unpacked(m1, 'uploads/1')).toHaveLength(300_000);
    expect(listed(m2).filter((name) => name.startsWith('uploads/'))).toEqual([]);
    output('rm', [join(files, 'rootfs.squashfs')]);
    await expect(makeSeeds(stack)).rejects.toThrow(/^".*rootfs\.squashfs" is no file; put it there$/);
  });

  it('removes what a killed run left', async () => {
    const stack = assembled();
    fill(stack.folder, {
      '.cdkv-seed/m1.tar.999999': 'keys',
      '.cdkv-seed/medium.999999/seed.tar': 'keys',
      '.cdkv-seed/keys/join.999999/key.pem': 'key',
    });
    await archives(stack);
    expect(readdirSync(join(stack.folder, '.cdkv-seed')).sort()).toEqual(['.gitignore', 'keys', 'm1.tar', 'm2.tar', 'm3.tar']);
    expect(readdirSync(join(stack.folder, '.cdkv-seed/keys')).sort()).toEqual(['cluster', 'join']);
  });

  it('keeps its keys out of git, also before a synthesis, and says what is wrong with one', async () => {
    const stack = assembled();
    const { m1 = '' } = await archives(stack);
    expect([readFileSync(join(m1, '..', '.gitignore'), 'utf8'), mode(stack.folder)]).toEqual(['*\n', '755']);
    fill(stack.folder, { '.cdkv-seed/keys/join/key.pem': '' });
    await expect(makeSeeds(stack, { kind: 'archive' })).rejects.toThrow(
      /join\/key\.pem" is no key; bring it back from a copy, or, when no machine has it yet, remove/,
    );
  });

  it('is seen by no later synthesis, and sees none', async () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    aCluster(new Stack(app, 's', { targets: [target()] }));
    app.synth();
    const [stack] = app.assemble().stacks;
    if (stack !== undefined) await makeSeeds(stack);
    const { written, removed } = app.synth();
    expect([written, removed]).toEqual([[], []]);
    expect(readdirSync(join(app.outdir, 's', '.cdkv-seed'))).toContain('keys');
  });

  it('refuses a stack for Vagrant, and machines that there are not', async () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    aCluster(new Stack(app, 's'));
    const [vagrant] = app.assemble().stacks;
    if (vagrant === undefined) throw new Error('the app has a stack');
    await expect(makeSeeds(vagrant)).rejects.toThrow(
      'stack "s" is not written for cloud-init; give it the target: new CloudInitTarget(...)',
    );
    await expect(makeSeeds(assembled(), { machines: ['m1', 'm7', 'm8'] })).rejects.toThrow(
      'stack "s" has no machine m7, m8; there are m1, m2, m3',
    );
  });
});

// What starts a machine on its seed runs here in folders of its own, with stand-ins for what looks for a medium.
describe('cdk-vagrant-start', () => {
  const start = readFileSync(new URL('../../lib/cloud-init/templates/start.sh', import.meta.url), 'utf8');

  /** A machine with a seed of these scripts. */
  function machine(scripts: Readonly<Record<string, string>>, { medium = false } = {}) {
    const root = temporary();
    const home = join(root, 'home');
    const seed = temporary();
    fill(seed, {
      'bundle.tar': 'bundle',
      'uploads.txt': `uploads/0 ${root}/where/it/goes\n`,
      'uploads/0': 'large',
      machine: `${hostname()}\n`,
      'environment/none': '',
      ...Object.fromEntries(Object.entries(scripts).map(([name, text]) => [`scripts/${name}`, `#!/bin/bash\n${text}\n`])),
      ...Object.fromEntries(Object.keys(scripts).map((name) => [`environment/${name}`, `SECRET='of ${name}'\n`])),
    });
    output('bash', ['-c', `shopt -s nullglob; for script in '${seed}'/scripts/*; do chmod 700 "$script"; done`]);
    const place = medium ? join(root, 'medium') : home;
    mkdirSync(place, { recursive: true });
    const hand = () => output('tar', ['-cf', join(place, 'seed.tar'), '-C', seed, ...readdirSync(seed)]);
    hand();
    fill(root, {
      'bin/blkid': `#!/bin/sh\n${medium ? `[ "$2" = CIDATA ] && echo '${root}/medium'` : 'exit 2'}\n`,
      'bin/mount': `#!/bin/sh\nln -sfn "$3" "$4.link"; rmdir "$4"; mv "$4.link" "$4"\n`,
      'bin/mountpoint': '#!/bin/sh\n[ -L "$2" ]\n',
      'bin/umount': '#!/bin/sh\nrm "$1"\n',
    });
    output('bash', ['-c', `chmod 755 '${root}'/bin/*`]);
    const script = start
      .replaceAll('/var/lib/cdk-vagrant', home)
      .replaceAll('/run/cdk-vagrant', join(root, 'run'))
      .replaceAll('/var/tmp/cdk-vagrant.tar', join(root, 'bundle.tar'));
    fill(root, { 'start.sh': script });
    const boot = () =>
      run('bash', [join(root, 'start.sh')], { env: { PATH: `${join(root, 'bin')}:${process.env.PATH}`, OUT: join(root, 'out') } });
    const said = () => run('cat', [join(root, 'out')]).out;
    return { root, home, boot, said, hand, seed };
  }

  it('runs the scripts in their order, each with its secrets, and once only', () => {
    const { root, home, boot, said } = machine({
      '01-first': 'echo "$SECRET, $(umask), $0" >>"$OUT"',
      '02-second': 'echo "$SECRET $(cd "$(dirname "$OUT")"; cat bundle.tar; echo -n " "; cat where/it/goes)" >>"$OUT"',
    });
    const { code, out } = boot();
    expect([code, out]).toEqual([0, 'this machine is what its seed says\n']);
    expect(said()).toBe(`of 01-first, 0022, ${home}/seed/scripts/01-first\nof 02-second bundle large\n`);
    expect(readdirSync(home)).toEqual(['seed.done']);
    expect(readdirSync(join(root, 'run'))).toEqual([]);
    expect(boot()).toMatchObject({ code: 0, out: expect.stringContaining('this machine waits for one') });
    expect(said().split('\n')).toHaveLength(3);
  });

  it('begins anew after a failure, until all have come to their end', () => {
    const { boot, said, root } = machine({
      '01-first': 'echo first >>"$OUT"',
      '02-second': 'echo second >>"$OUT"; [ -e "$(dirname "$OUT")/well" ]',
      '03-third': 'echo third >>"$OUT"',
    });
    expect(boot().code).toBe(1);
    expect(said()).toBe('first\nsecond\n');
    expect(readdirSync(join(root, 'run'))).toEqual([]);
    fill(root, { well: '' });
    expect(boot().code).toBe(0);
    expect(said()).toBe('first\nsecond\nfirst\nsecond\nthird\n');
  });

  it('takes each seed that is put there, and leaves none', () => {
    const { boot, said, hand, seed, home } = machine({ '01-first': 'echo first >>"$OUT"' });
    expect(boot().code).toBe(0);
    fill(seed, { 'scripts/01-first': '#!/bin/bash\necho other >>"$OUT"\n' });
    hand();
    expect(boot().code).toBe(0);
    expect(said()).toBe('first\nother\n');
    expect(readdirSync(home)).toEqual(['seed.done']);
  });

  it('leaves one that comes meanwhile for the next turn', () => {
    const { boot, said, root, home } = machine({
      '01-first': 'echo first >>"$OUT"; cp "$(dirname "$OUT")/next.tar" "$(dirname "$OUT")/home/seed.tar" || true',
    });
    const next = machine({ '01-first': 'echo next >>"$OUT"' });
    output('cp', [join(next.home, 'seed.tar'), join(root, 'next.tar')]);
    expect(boot().code).toBe(0);
    expect(readdirSync(home).sort()).toEqual(['seed.done', 'seed.tar']);
    expect(boot().code).toBe(0);
    expect(said()).toBe('first\nnext\n');
  });

  it('refuses that of another machine, and keeps nothing of it', () => {
    const { boot, said, hand, seed, home } = machine({ '01-first': 'echo first >>"$OUT"' });
    fill(seed, { machine: 'elsewhere\n' });
    hand();
    expect(boot()).toMatchObject({ code: 3, err: expect.stringContaining('this seed is of elsewhere, and this machine is') });
    expect([said(), readdirSync(home)]).toEqual(['', []]);
  });

  it('is content with a machine that has nothing to run', () => {
    const { boot, home } = machine({});
    expect(boot()).toMatchObject({ code: 0, out: 'this machine is what its seed says\n' });
    expect(readdirSync(home)).toEqual(['seed.done']);
  });

  it('does not go back to a medium that stayed when another seed was put there', () => {
    const { boot, said, root, home } = machine({ '01-first': 'echo medium >>"$OUT"' }, { medium: true });
    const next = machine({ '01-first': 'echo next >>"$OUT"' });
    mkdirSync(home, { recursive: true });
    output('cp', [join(next.home, 'seed.tar'), join(home, 'seed.tar')]);
    expect(boot().code).toBe(0);
    expect(boot()).toMatchObject({ code: 0, out: '' });
    expect(said()).toBe('next\n');
    expect(readdirSync(join(root, 'medium'))).toEqual(['seed.tar']);
  });

  it('finds its seed on a medium, and leaves that alone', () => {
    const { boot, said, root, home } = machine({ '01-first': 'echo "$SECRET" >>"$OUT"' }, { medium: true });
    expect(boot().code).toBe(0);
    expect(boot()).toMatchObject({ code: 0, out: '' });
    expect(said()).toBe('of 01-first\n');
    expect([readdirSync(home), readdirSync(join(root, 'medium')), readdirSync(join(root, 'run'))]).toEqual([
      ['seed.done'],
      ['seed.tar'],
      [],
    ]);
  });
});
