import { relative, sep } from 'node:path';
import { Stack } from '../core/index.js';
import { type Machine, PROVIDER_OF_TYPE, type Provider, type SyncedFolder } from '../machine/index.js';

/** A machine's synced folders as Vagrant is told of them: those for every provider, and those for one. */
export function folderRows(machine: Machine) {
  if (machine.syncedFolders.length === 0) return { folders: [], foldersByProvider: [] };
  const { folder } = Stack.of(machine);
  const rowOf = (synced: SyncedFolder) => ({
    source: relative(folder, synced.source).split(sep).join('/') || '.',
    guest: synced.guest,
    options: Object.entries(optionsOf(synced))
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ({ name, value })),
  });
  const providerOf = ({ type }: SyncedFolder): Provider | undefined => type && PROVIDER_OF_TYPE[type];
  const of = (provider?: Provider) => machine.syncedFolders.filter((synced) => providerOf(synced) === provider);
  const providers = [...new Set(Object.values(PROVIDER_OF_TYPE))].map((provider) => ({
    provider,
    sharesMemory: of(provider).some(({ type }) => type === 'virtiofs'),
    folders: of(provider).map(rowOf),
  }));
  return { folders: of().map(rowOf), foldersByProvider: providers.filter(({ folders }) => folders.length > 0) };
}

function optionsOf({ type, create, owner, group, mountOptions, exclude, guest, options }: SyncedFolder): Record<string, unknown> {
  return {
    type,
    create: create || undefined,
    owner,
    group,
    mount_options: mountOptions,
    rsync__exclude: exclude,
    // What is said of all machines takes this one away.
    disabled: guest === '/vagrant' ? false : undefined,
    ...options,
  };
}
