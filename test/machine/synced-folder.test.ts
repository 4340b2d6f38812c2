import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { App, Machine, Stack, type SyncedFolderProps, VagrantTarget } from '../../lib/index.js';
import { errorsOf, removeTemporaries, synth, temporary } from '../support.js';
import { type Call, loadedNode } from '../vagrant/loaded.js';

removeTemporaries();

const address = '192.168.56.5';

/** An app beside a folder `data`. */
function anApp(folders: readonly Partial<SyncedFolderProps>[], target?: VagrantTarget) {
  const place = temporary();
  mkdirSync(join(place, 'data'));
  const app = new App({ outdir: join(place, 'out') });
  const machine = new Machine(new Stack(app, 's', target && { targets: [target] }), 'vm', { address });
  for (const folder of folders) machine.addSyncedFolder({ host: join(place, 'data'), guest: '/srv', ...folder });
  return { app, machine, folder: join(app.outdir, 's') };
}

describe('Machine.addSyncedFolder', () => {
  it('gives it folders of the host, by a path from the folder of the stack', () => {
    const { app, folder } = anApp([
      {},
      { guest: '/vagrant', type: 'nfs', mountOptions: ['ro', 'tcp'], options: { nfs_version: 4 } },
      { guest: '/srv/data', type: 'rsync', exclude: ['.git/'], owner: 'root', group: 'adm', create: true },
    ]);
    synth(app);
    const calls = loadedNode(folder, 'vm');
    expect(calls.filter(([is]) => is === 'synced_folder')).toEqual([
      ['synced_folder', '../../data', '/srv'],
      ['synced_folder', '../../data', '/vagrant', { type: 'nfs', mount_options: ['ro', 'tcp'], disabled: false, nfs_version: 4 }],
      ['synced_folder', '../../data', '/srv/data', { type: 'rsync', create: true, owner: 'root', group: 'adm', rsync__exclude: ['.git/'] }],
    ]);
  });

  it('writes those of one provider for that one alone', () => {
    const { app, folder } = anApp([
      { type: 'virtualbox' },
      { type: 'virtiofs' },
      { type: 'virtiofs', guest: '/opt' },
      { type: '9p', guest: '/mnt', options: { accessmode: 'mapped' } },
    ]);
    synth(app);
    const calls = loadedNode(folder, 'vm');
    expect(calls.filter(([is]) => is === 'synced_folder')).toEqual([]);
    const blocks = calls.filter(([is, , inner]) => is === 'provider' && JSON.stringify(inner).includes('synced_folder'));
    expect(blocks.map(([, name, inner]) => [...(name as string[]), ...(inner as Call[])])).toEqual([
      [
        'libvirt',
        ['memorybacking', 'access', { mode: 'shared' }],
        [
          'vm',
          [
            ['synced_folder', '../../data', '/srv', { type: 'virtiofs' }],
            ['synced_folder', '../../data', '/opt', { type: 'virtiofs' }],
            ['synced_folder', '../../data', '/mnt', { type: '9p', accessmode: 'mapped' }],
          ],
        ],
      ],
      ['virtualbox', ['vm', [['synced_folder', '../../data', '/srv', { type: 'virtualbox' }]]]],
    ]);
    const refused = anApp([{ type: '9p' }], new VagrantTarget({ providers: ['virtualbox'] }));
    expect(errorsOf(refused.app)).toMatchObject([
      {
        id: 'unsupported-synced-folder',
        path: 's/vm',
        message: expect.stringContaining('"/srv" of "vm" is of type 9p, which only libvirt has; make it of another'),
      },
    ]);
  });

  it('tells them in the template as they were given', () => {
    const { machine } = anApp([{ host: 'lib', type: 'rsync' }]);
    expect(machine.toResource().properties.syncedFolders).toEqual([{ host: 'lib', guest: '/srv', type: 'rsync' }]);
  });

  it('lets Vagrant make a folder that is not there', () => {
    synth(anApp([{ host: 'nowhere', create: true }]).app);
  });

  it.each<[string, Partial<SyncedFolderProps>[], string]>([
    ['a missing folder', [{ host: 'nowhere' }], 'has no folder "nowhere" on the host; make it, correct the path'],
    ['a file', [{ host: 'package.json' }], 'has no folder "package.json" on the host'],
    ['a relative place', [{ guest: 'srv' }], 'is at no absolute path in the machine; write it like "/srv/data"'],
    ['the root', [{ guest: '/' }], 'is at no absolute path'],
    ['a place with dots', [{ guest: '/srv/../etc' }], 'without "." or ".."'],
    ['one place twice', [{ type: 'nfs' }, { type: 'rsync' }], 'is there already; choose another place'],
    ['one place twice for a provider', [{ type: '9p' }, { type: 'virtiofs' }], 'is there already'],
    ['what only rsync can', [{ type: 'nfs', exclude: ['x'] }], 'make it of type "rsync"'],
    ['an option of no name', [{ options: { 'a:': 1 } }], 'has the option "a:", which is none'],
  ])('refuses %s', (_, folders, says) => {
    expect(errorsOf(anApp(folders).app)).toMatchObject([{ id: 'bad-synced-folder', path: 's/vm', message: expect.stringContaining(says) }]);
  });
});
