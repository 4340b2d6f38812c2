import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contents, ROOT, removeTemporaries, start, temporary } from './support.js';

removeTemporaries();

// The paper's app, run as its user runs it.
const COMMITTED = contents(join(ROOT, 'synth-out'));

/** A copy of the project as another person would have it, elsewhere. */
function checkout(name: string): string {
  const folder = join(temporary(), name);
  for (const part of ['bin', 'lib', 'cdk.json', 'package.json', 'tsconfig.json'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

const asNode = ['--import', 'tsx', 'bin/balanceador.ts'];

describe.concurrent("the paper's app", () => {
  it('gives the committed output, and nothing to say', async ({ expect }) => {
    const outdir = temporary();
    const { code, out, err } = await start('node', asNode, { cwd: ROOT, env: { CDKV_OUTDIR: outdir } });
    expect(`${code}${out}${err}`).toBe('0');
    expect(contents(outdir)).toEqual(COMMITTED);
  });

  it.each([
    ['a copy elsewhere', {}],
    ['(odd) #1 ñ', { TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' }],
    ['bare', { TZ: 'America/Caracas', LC_ALL: 'C', HOME: '/nonexistent', USER: 'somebody' }],
  ])('gives the same bytes in folder "%s" with %o', async (name, env) => {
    const folder = checkout(name);
    const { code, err } = await start('node', asNode, { cwd: folder, env });
    expect(`${code}${err}`).toBe('0');
    expect(contents(join(folder, 'synth-out'))).toEqual(COMMITTED);
  });
});

describe("the paper's output", () => {
  const files = contents(join(ROOT, 'synth-out/balanceador'));

  it('has the files that the paper names', () => {
    const names = ['Vagrantfile', 'clusterBalanceador.sh', 'clusterServidor1.sh', 'clusterServidor2.sh', 'vmBalanceador_cfg.sh'];
    expect(Object.keys(files)).toEqual(expect.arrayContaining([...names, 'vmServidor1_cfg.sh', 'vmServidor2_cfg.sh', 'haproxy.cfg']));
  });

  it('has primaries, backups and statistics as the paper has them', () => {
    const servers = [...(files['haproxy.cfg'] ?? '').matchAll(/^ {4}server (\S+) (\S+):\d+.*?( backup)?$/gm)].map(([, ...words]) =>
      words.join(' ').trim(),
    );
    expect(servers).toEqual(['web1 192.168.56.6', 'web2 192.168.56.7', 'web3 192.168.56.7  backup', 'web4 192.168.56.6  backup']);
    for (const line of [
      'balance roundrobin',
      'option allbackups',
      'stats uri /haproxy?stats',
      'stats refresh 10s',
      'frontend http',
      'backend web-backend',
    ])
      expect(files['haproxy.cfg']).toContain(line);
    for (const status of [400, 403, 408, 500, 502, 503, 504]) expect(files['haproxy.cfg']).toContain(`errorfile ${status} `);
  });

  it('publishes the site at port 1080 of the private address', () => {
    expect(JSON.parse(files['containers/vmBalanceador.json'] ?? '').haproxy.devices['port-1080'].listen).toBe('tcp:192.168.56.5:1080');
  });

  it('holds no secret, and keeps those of the host out of git', () => {
    const secret = /-----BEGIN |\$[156y]\$[./\w]{4}|trust_password|cluster_token: "?\w/;
    expect(
      Object.entries(files)
        .filter(([, content]) => secret.test(content))
        .map(([path]) => path),
    ).toEqual([]);
    expect(files['.gitignore']).toBe('.vagrant/\n.cdkv*/\n');
  });

  it('knows nothing of the machine it was made on', () => {
    for (const [path, content] of Object.entries(files)) expect(content.includes(ROOT), path).toBe(false);
  });

  it('has LF only, and an end to the last line', () => {
    const texts = Object.entries(files).filter(([path]) => !path.startsWith('pages/'));
    for (const [path, content] of texts) expect([path, content.includes('\r'), content.endsWith('\n')]).toEqual([path, false, true]);
  });
});
