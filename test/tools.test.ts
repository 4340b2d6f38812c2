import { createHash } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { contents, output, ROOT, removeTemporaries, run, start, temporary } from './support.js';
import { synthesiseVariants, VARIANT_NAMES } from './variants.js';

// The programs themselves judge what is rendered. Without one of them a test fails, and says what to install.

removeTemporaries();

const STACKS = ['balanceador', ...VARIANT_NAMES];
const BALANCED = STACKS.filter((stack) => stack !== 'plain');
const CLUSTERED = BALANCED.filter((stack) => stack !== 'services');
const HASH = '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/';
let outdir = '';

function files(stack: string, pattern: RegExp): string[] {
  const paths = Object.keys(contents(join(outdir, stack))).filter((path) => pattern.test(path));
  expect(paths, `files of ${stack} like ${pattern}`).not.toEqual([]);
  return paths.map((path) => join(outdir, stack, path));
}

/** Those that differ, of all stacks. */
function distinct(pattern: RegExp): string[] {
  const paths = BALANCED.flatMap((stack) => files(stack, pattern));
  return [...new Map(paths.map((path) => [createHash('sha256').update(readFileSync(path)).digest('hex'), path])).values()];
}

beforeAll(() => {
  outdir = synthesiseVariants();
  cpSync(join(ROOT, 'synth-out/balanceador'), join(outdir, 'balanceador'), { recursive: true });
});

it('a program that is missing fails its test, with the package to install', () => {
  expect(() => run('no-such-program', [])).toThrow(
    'the tests need no-such-program, which is not on this machine; install it: apt install no-such-program',
  );
});

describe('shell scripts', () => {
  it('are understood by bash', () => {
    output('bash', ['-c', 'for file; do bash -n "$file" || exit 1; done', 'check', ...distinct(/\.sh$/)]);
  });

  it('have no findings of shellcheck', () => {
    expect(output('shellcheck', distinct(/\.sh$/))).toBe('');
  });

  it('are written as shfmt writes them', () => {
    expect(output('shfmt', ['-i', '2', '-ci', '-d', ...distinct(/\.sh$/)])).toBe('');
  });
});

describe('the Vagrantfile', () => {
  it.each(STACKS)('of %s is understood by Ruby, without warnings', (stack) => {
    expect(output('ruby', ['-wc', join(outdir, stack, 'Vagrantfile')])).toBe('Syntax OK\n');
  });

  it.concurrent.each(STACKS)('of %s is taken by Vagrant, for libvirt', async (stack) => {
    // libvirt's own test driver has interface eth1, and needs no daemon.
    const libvirt = { VAGRANT_DEFAULT_PROVIDER: 'libvirt', LIBVIRT_DEFAULT_URI: 'test:///default' };
    const env = { VAGRANT_CHECKPOINT_DISABLE: '1', VAGRANT_HOME: temporary(), ...libvirt };
    const { code, out, err } = await start('vagrant', ['validate'], { cwd: join(outdir, stack), env });
    expect(`${code} ${out}${err}`).toBe('0 Vagrantfile validated successfully.\n');
  });
});

describe.each(BALANCED)('%s', (stack) => {
  it('has a haproxy.cfg without errors or warnings', () => {
    for (const path of files(stack, /\.cfg$/)) {
      const variables = [...readFileSync(path, 'utf8').matchAll(/\$\{(\w+)\}/g)].map(([, name]) => [name, HASH]);
      const words = output('haproxy', ['-c', '-dW', '-f', path], { env: Object.fromEntries(variables) });
      expect(words).toContain('Configuration file is valid');
    }
  });

  it('has a firewall that nftables takes', () => {
    const [program, ...words] = process.getuid?.() === 0 ? ['nft'] : ['unshare', '-rn', 'nft'];
    for (const path of files(stack, /\.nft$/)) output(program as string, [...words, '-c', '-f', path]);
  });

  it.runIf(CLUSTERED.includes(stack))('has preseeds that are YAML, and settings that are JSON', () => {
    for (const path of files(stack, /\.yaml$/)) expect(parse(readFileSync(path, 'utf8'))).toHaveProperty('cluster.enabled', true);
    for (const path of files(stack, /\.json$/)) expect(JSON.parse(readFileSync(path, 'utf8'))).toBeTypeOf('object');
  });
});
