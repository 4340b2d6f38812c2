import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Raw } from '../../lib/index.js';
import { adaptConfiguration } from '../../lib/rehearsal/adapt.js';
import { ROOT } from '../support.js';
import { aStack } from './support.js';

const PLACES = {
  frontends: { http: '127.0.0.1:1080' },
  servers: { web1: '127.0.0.1:1', web2: '127.0.0.1:2', web3: '127.0.0.1:3', web4: '127.0.0.1:4', spare: '127.0.0.1:5' },
};

/** Lines that were changed, and what became of them. */
function changes(before: string, after: string): Record<string, string | undefined> {
  const lines = after.split('\n');
  expect(lines).toHaveLength(before.split('\n').length);
  const pairs = before.split('\n').map((line, n) => [line.trim(), lines[n]?.trim()] as const);
  return Object.fromEntries(pairs.filter(([old, now]) => old !== now));
}

const PAPER = readFileSync(join(ROOT, 'synth-out/balanceador/haproxy.cfg'), 'utf8');
const SOCKET = 'stats socket /run/haproxy/admin.sock mode 660 level admin expose-fd listeners';
const ALWAYS = {
  'log /dev/log local0': '# not in a rehearsal: log /dev/log local0',
  [SOCKET]: `# not in a rehearsal: ${SOCKET}`,
  'bind *:80 backlog 8192': 'bind 127.0.0.1:1080 backlog 8192',
  'server web1 192.168.56.6:22201 maxconn 16': 'server web1 127.0.0.1:1 maxconn 16',
  'server web2 192.168.56.7:22202 maxconn 16': 'server web2 127.0.0.1:2 maxconn 16',
  'server web3 192.168.56.7:22203 maxconn 16 backup': 'server web3 127.0.0.1:3 maxconn 16 backup',
  'server web4 192.168.56.6:22204 maxconn 16 backup': 'server web4 127.0.0.1:4 maxconn 16 backup',
};

it('changes what loopback needs, and nothing else', () => {
  const asRoot = adaptConfiguration(PAPER, PLACES, true, true);
  expect(changes(PAPER, asRoot.text)).toEqual(ALWAYS);
  expect(asRoot).toMatchObject({ bound: ['http'], secrets: ['STATISTICS_HTTP'] });
});

it('needs no root', () => {
  const { text } = adaptConfiguration(PAPER, PLACES, false, true);
  expect(changes(PAPER, text)).toEqual({
    ...ALWAYS,
    'chroot /var/lib/haproxy': '# not in a rehearsal: chroot /var/lib/haproxy',
    'user haproxy': '# not in a rehearsal: user haproxy',
    'group haproxy': '# not in a rehearsal: group haproxy',
  });
});

it('does without a hash where none can be made', () => {
  const { text, secrets } = adaptConfiguration(PAPER, PLACES, true, false);
  const line = 'user admin password "$'.concat('{STATISTICS_HTTP}"');
  expect(changes(PAPER, text)).toEqual({ ...ALWAYS, [line]: line.replace('password', 'insecure-password') });
  expect(secrets).toEqual(['STATISTICS_HTTP']);
});

it('leaves raw text as it is', () => {
  const raw = 'bind *:80\nserver web1 192.168.56.11:80\nlog /dev/log local0\n  # server web2 10.0.0.1:80';
  const { files } = aStack(({ frontend, web }) => {
    Raw.of(frontend).prepend(raw);
    Raw.of(web).override('server web1', 'server web1 192.168.56.11:1 weight 3');
  });
  const before = String(files.find(({ path }) => path === 'haproxy.cfg')?.content);
  const { text } = adaptConfiguration(before, PLACES, true, true);
  for (const line of [...raw.split('\n'), 'server web1 192.168.56.11:1 weight 3']) {
    expect(text.split('\n').filter((one) => one === `    ${line}`)).toHaveLength(1);
  }
  // The log, the socket, the bind, web2 and spare.
  expect(Object.keys(changes(before, text))).toHaveLength(5);
});
