// What is written for cloud-init, judged by its own schemas: by Debian 12's, which is installed, and by Debian 13's, whose package comes
// from where this host's packages come from. Needs apt and the package cloud-init; run by `npm run test:cloud-init`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  App,
  CloudInitTarget,
  type CloudNetwork,
  Cluster,
  HaproxyFrontend,
  Machine,
  Rules,
  Site,
  Stack,
  WebBackend,
} from '../../lib/index.js';

const work = mkdtempSync(join(tmpdir(), 'cdkv-cloud-init-'));
const RELEASE = 'trixie';

function run(program: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, words, { cwd: work, encoding: 'utf8', env: { ...process.env, ...env } });
  return { ok: status === 0, said: `${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`.trim() };
}

/** Names of the folders that machines' files were written to. */
function synthesise(): string[] {
  const app = new App({ outdir: join(work, 'out'), rules: Rules.none() });
  const sshAuthorizedKeys = ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ somebody@example'];
  const networks: Record<string, CloudNetwork | ((machine: Machine) => CloudNetwork)> = {
    named: { private: { name: 'eth1' }, dhcp: [{ name: 'eth0' }] },
    alone: ({ machineName }) => ({
      private: { mac: `52:54:00:AB:CD:1${machineName.at(-1)}` },
      gateway: '192.168.56.1',
      nameservers: ['9.9.9.9'],
    }),
    further: {
      private: { name: 'eth1' },
      dhcp: [{ name: 'eth0' }],
      networks: [{ name: 'eth2' }, { mac: '52:54:00:AB:CD:02' }, { name: 'eth4' }],
    },
  };
  for (const [name, network] of Object.entries(networks)) {
    const own = {
      userData: { package_update: false, bootcmd: ['true'], write_files: [{ path: '/etc/motd', content: 'a\nb\n' }] },
      networkConfig: { ethernets: { eth1: { optional: true } } },
    };
    const target = new CloudInitTarget({ network, sshAuthorizedKeys, ...(name === 'named' && own) });
    const stack = new Stack(app, name, { targets: [target] });
    if (name === 'further') {
      new Machine(stack, 'vm', { address: '192.168.56.5', network: { mtu: 1400 } })
        .addNetwork({ address: '10.1.2.3' })
        .addNetwork({ address: 'dhcp', subnet: '10.2.0.0/16', mtu: 9000 })
        .addNetwork({});
      continue;
    }
    const [on] = new Cluster(stack, 'Cluster').addMembers('vm', { count: 2, firstAddress: '192.168.56.5' });
    assert(on !== undefined);
    const web = new WebBackend(stack, 'web');
    web.addServer('web1', { on, site: Site.html('1') });
    new HaproxyFrontend(stack, 'http', { on, port: 80, defaultBackend: web });
  }
  app.synth();
  return Object.keys(networks).flatMap((stack) => {
    const folder = join(app.outdir, stack, 'cloud-init');
    return readdirSync(folder).map((machine) => join(folder, machine));
  });
}

/** Unpacks cloud-init of the release. @returns the folder */
function fetched(): string {
  const parts = join(work, 'parts');
  for (const folder of [parts, join(work, 'lists'), join(work, 'cache')]) mkdirSync(folder);
  for (const name of readdirSync('/etc/apt/sources.list.d').filter((one) => /\.(list|sources)$/.test(one)))
    writeFileSync(join(parts, name), readFileSync(join('/etc/apt/sources.list.d', name), 'utf8').replaceAll('bookworm', RELEASE));
  try {
    writeFileSync(join(parts, 'main.list'), readFileSync('/etc/apt/sources.list', 'utf8').replaceAll('bookworm', RELEASE));
  } catch {
    // all of them are in the folder
  }
  const options = [
    `Dir::Etc::sourceparts=${parts}`,
    ...['Dir::Etc::sourcelist=/dev/null', `Dir::State::lists=${join(work, 'lists')}`, `Dir::Cache=${join(work, 'cache')}`],
    ...['APT::Sandbox::User=root', 'Acquire::Retries=2', 'Acquire::http::Timeout=20'],
  ].flatMap((option) => ['-o', option]);
  const updated = run('apt-get', ['-q', ...options, 'update']);
  const got = run('apt-get', ['-q', ...options, 'download', `cloud-init/${RELEASE}`]);
  const archive = readdirSync(work).find((name) => name.endsWith('.deb'));
  if (archive === undefined)
    throw new Error(`cannot get the package cloud-init of ${RELEASE}, so its schemas judged nothing:\n${updated.said}\n${got.said}`);
  const unpacked = run('dpkg', ['-x', archive, 'unpacked']);
  assert(unpacked.ok, unpacked.said);
  return join(work, 'unpacked');
}

/** Lets the schemas of one cloud-init judge all files, and two that are wrong, which it must refuse. */
function judge(
  cloudInit: (words: readonly string[]) => { ok: boolean; said: string },
  folders: readonly string[],
  ofNetworks: boolean,
): void {
  const version = cloudInit(['--version']);
  assert(version.ok, version.said);
  const kinds = [['user-data', []], ...(ofNetworks ? [['network-config', ['-t', 'network-config']] as const] : [])] as const;
  for (const [file, options] of kinds) {
    const schema = (path: string) => cloudInit(['schema', ...options, '-c', path]);
    for (const folder of folders) {
      const { ok, said } = schema(join(folder, file));
      assert(ok && !/warn|deprecat/i.test(said), `${join(folder, file)}: ${said}`);
    }
    const whole = readFileSync(join(folders[0] as string, file), 'utf8');
    const wrong = join(work, `wrong-${file}`);
    writeFileSync(wrong, whole.replace(/^bootcmd:[\s\S]*/m, 'bootcmd: 5\n').replace('dhcp4: false', 'dhcp4: 5'));
    assert(!schema(wrong).ok, `${file} with a mistake in it is refused`);
  }
  console.log(`${version.said.split(' ').at(-1)}: ${folders.length} machines, ${kinds.map(([file]) => file).join(' and ')} valid`);
}

try {
  const folders = synthesise();
  judge((words) => run('/usr/bin/cloud-init', words), folders, false); // 22.4 has no schema of networks
  const root = fetched();
  const env = { PYTHONPATH: join(root, 'usr/lib/python3/dist-packages') };
  judge((words) => run('/usr/bin/python3', [join(root, 'usr/bin/cloud-init'), ...words], env), folders, true);
} finally {
  rmSync(work, { recursive: true, force: true });
}
