import { chmodSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { checkAssembly } from '../../lib/cli/check.js';
import { App, CloudInitTarget, Machine, OutputFile, type Provider, Stack, VagrantTarget } from '../../lib/index.js';
import { aSite, fill, removeTemporaries, temporary } from '../support.js';

removeTemporaries();

// The real parsers, but for Vagrant, which takes seconds and says nothing here.
const vagrant = join(fill(temporary(), { vagrant: '#!/bin/sh\n' }), 'vagrant');
chmodSync(vagrant, 0o755);
vi.stubEnv('PATH', `${join(vagrant, '..')}${delimiter}${process.env.PATH}`);

/** What is found in a stack `s`. */
async function check(build: (stack: Stack) => unknown, target: VagrantTarget | CloudInitTarget = new VagrantTarget()) {
  const app = new App({ topology: false });
  build(new Stack(app, 's', { targets: [target] }));
  const { findings, ran, missing } = await checkAssembly(app.assemble());
  return { found: findings.map(({ by, file, line, message }) => `${by} ${file}:${line} ${message}`), findings, ran, missing };
}

const machine = (stack: Stack) => new Machine(stack, 'vm', { address: '192.168.56.5' });

/** A machine with one provisioner, `own`. */
const provisioned = (inline: string) => (stack: Stack) => machine(stack).addProvisioner('own', { inline });

describe('cdkv check, given provisioners,', () => {
  it.each([
    ['bash', '#!/bin/bash\nfi\n', [/^bash -n s\/provisioners\/vm\/own:2 .*`fi'/, /^shellcheck s\/provisioners\/vm\/own:2 SC/]],
    ['sh by way of env', '#!/usr/bin/env -S A=b sh -e\necho $1\n', [/^shellcheck s\/provisioners\/vm\/own:2 SC2086: /]],
    ['a shell that nobody names', 'fi\n', [/^bash -n s\/provisioners\/vm\/own:1 .*`fi'/, /^shellcheck s\/provisioners\/vm\/own:1 SC/]],
    ['Ruby', '#!/usr/bin/ruby\nputs [\n', [/^ruby -c s\/provisioners\/vm\/own:\d /]],
    ['Python', '#!/usr/bin/env python3\n\nprint(1))\n', [/^python3 s\/provisioners\/vm\/own:3 unmatched '\)'$/]],
  ])('finds what is no %s', async (_, inline, expected) => {
    const { found, findings, missing } = await check(provisioned(inline));
    expect(missing).toEqual([]);
    for (const one of expected) expect(found).toContainEqual(expect.stringMatching(one));
    expect(findings[0]).toMatchObject({ construct: 's/vm', userLine: expect.stringContaining('check.test.ts') });
  });

  it.each([
    ['bash', '#!/bin/bash\necho "$1"\n'],
    ['a shell that nobody names', 'echo "$1"\n'],
    ['Ruby', '#!/usr/bin/env ruby\nputs 1\n'],
    ['Python', '#!/usr/bin/python3 -u\nprint(1)\n'],
  ])('is content with %s', async (_, inline) => {
    expect(await check(provisioned(inline))).toMatchObject({ found: [], missing: [] });
  });

  it.each([
    ['perl', '#!/usr/bin/perl\n('],
    ['zsh', '#!/bin/zsh\n('],
    ['what it is', '\0'],
  ])('says that it does not read %s', async (what, inline) => {
    const told = await check(provisioned(inline));
    expect(told).toMatchObject({ found: [], missing: [`s/provisioners/vm/own was not looked at: nothing here reads ${what}`] });
  });

  it('leaves alone what users serve', async () => {
    const { found, ran } = await check((stack) => {
      machine(stack);
      new OutputFile(stack, 'File', { path: 'sites/a/run.sh', render: () => 'fi\n' });
    });
    expect([found, ran]).toEqual([[], ['ruby -c: 1 file', 'vagrant validate: 1 file']]);
  });
});

describe('cdkv check, given what is well,', () => {
  it.each<[string, (stack: Stack) => unknown]>([
    ['a bare machine', machine],
    ['a machine with a provisioner', provisioned('true\n')],
    ['a cluster', (stack) => aSite(stack)],
  ])('finds nothing in what is written for %s', async (_, build) => {
    expect((await check(build)).found).toEqual([]);
  });

  it.each<Provider>(['virtualbox', 'libvirt', 'vmware_desktop', 'parallels'])(
    'finds nothing in a Vagrantfile for %s alone',
    async (only) => {
      expect((await check(provisioned('true\n'), new VagrantTarget({ providers: [only] }))).found).toEqual([]);
    },
  );

  it('reads what cloud-init is to read', async () => {
    const target = new CloudInitTarget({ network: { private: { name: 'eth1' } } });
    const { found, ran } = await check(machine, target);
    expect([found, ran]).toEqual([[], ['YAML: 3 files']]);
  });
});

describe('cdkv check, given a haproxy.cfg,', () => {
  const configured = (text: string) => (stack: Stack) => {
    machine(stack);
    new OutputFile(stack, 'Own', { path: 'own.cfg', render: () => text });
  };

  it('counts faults, and not the words that close them', async () => {
    const { found } = await check(configured('global\n  nonsense\n'));
    expect(found).toEqual(["haproxy -c s/own.cfg:2 unknown keyword 'nonsense' in 'global' section"]);
  });

  it('tells what names no line', async () => {
    const { found } = await check(
      configured('defaults\n  mode http\n  timeout client 1s\nfrontend f\n  bind :1\n  default_backend none\n'),
    );
    expect(found).toEqual([expect.stringMatching(/^haproxy -c s\/own\.cfg:undefined .*default_backend: 'none'/)]);
  });
});
