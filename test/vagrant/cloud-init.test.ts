import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { App, Box, type CloudInitPart, Machine, Stack, VagrantTarget, type VagrantTargetProps } from '../../lib/index.js';
import { errorsOf, fill, removeTemporaries, run, synth, temporary } from '../support.js';
import { loadedNode, STUB } from './loaded.js';

removeTemporaries();

/** An app of the machine `vm`. */
function anApp(parts: readonly CloudInitPart[], props: VagrantTargetProps = {}) {
  const app = new App({ outdir: join(temporary(), 'out') });
  const stack = new Stack(app, 's', { targets: [new VagrantTarget(props)] });
  const box = Box.named('own/box', { system: 'debian/12' });
  const machine = new Machine(stack, 'vm', { address: '192.168.56.5', box, network: { autoConfig: false } });
  for (const part of parts) machine.addCloudInit(part);
  return { app, machine, folder: join(app.outdir, 's') };
}

const config: CloudInitPart = { contentType: 'text/cloud-config', inline: 'packages: [jq]\n' };

describe('user data', () => {
  it('is handed over by Vagrant, in its order, from files of the stack', () => {
    const file = join(fill(temporary(), { 'own.sh': '#!/bin/sh\n' }), 'own.sh');
    const { app, folder } = anApp([config, { contentType: 'text/x-shellscript', file }]);
    const { files } = synth(app);
    expect([files['s/user-data/vm/1'], files['s/user-data/vm/2']]).toEqual(['packages: [jq]\n', '#!/bin/sh\n']);
    expect(loadedNode(folder, 'vm').filter(([is]) => is === 'cloud_init')).toEqual([
      ['cloud_init', { content_type: 'text/cloud-config', path: join(folder, 'user-data/vm/1') }],
      ['cloud_init', { content_type: 'text/x-shellscript', path: join(folder, 'user-data/vm/2') }],
    ]);
  });

  it('is taken by Vagrant, which without its flag says that it would leave it out', () => {
    const { app, folder } = anApp([config]);
    synth(app);
    const env = { VAGRANT_DEFAULT_PROVIDER: 'libvirt', VAGRANT_HOME: temporary() };
    const validated = run('vagrant', ['validate'], { cwd: folder, env: { ...env, VAGRANT_EXPERIMENTAL: 'cloud_init,disks' } });
    expect(validated.out).toBe('Vagrantfile validated successfully.\n');
    const left = run('ruby', [STUB, join(folder, 'Vagrantfile')], { env: { IGNORES_CLOUD_INIT: '1' } });
    expect([left.code, left.err]).toEqual([1, expect.stringContaining('run it with VAGRANT_EXPERIMENTAL=cloud_init,disks')]);
  });

  it('wants a later Vagrant on Hyper-V', () => {
    const version = (parts: readonly CloudInitPart[], providers: VagrantTargetProps['providers']) =>
      /require_version (.*)/.exec(synth(anApp(parts, providers && { providers }).app).files['s/Vagrantfile'] ?? '')?.[1];
    expect(version([config], ['hyperv'])).toBe('">= 2.4.6"');
    expect(version([], ['hyperv'])).toBe('">= 2.3.0"');
    expect(version([config], undefined)).toBe('">= 2.3.0"');
  });

  it('is refused where no provider hands it over', () => {
    expect(errorsOf(anApp([config], { providers: ['libvirt', 'parallels'] }).app)).toMatchObject([
      {
        id: 'unsupported-cloud-init',
        path: 's/vm',
        message: expect.stringContaining('on VirtualBox and Hyper-V only; choose one of them'),
      },
    ]);
  });

  it.each<[string, Partial<CloudInitPart>, string]>([
    ['no text', { inline: undefined as never }, 'needs either "inline" or "file"; give it one'],
    ['two texts', { file: 'package.json' }, 'needs either "inline" or "file"'],
    ['a missing file', { inline: undefined as never, file: 'nowhere' }, 'has no file "nowhere"; put it there'],
    ['a type that is none', { contentType: 'text/plain' as 'text/jinja2' }, 'is of type "text/plain", which Vagrant does not know; choose'],
  ])('is refused with %s', (_, props, says) => {
    const { app } = anApp([{ ...config, ...props }]);
    expect(errorsOf(app)).toMatchObject([{ id: 'bad-cloud-init', path: 's/vm', message: expect.stringContaining(says) }]);
  });
});
