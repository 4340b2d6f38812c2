import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Box, Engine, type System } from '../../lib/index.js';
import { keysOf } from '../../lib/lxd/preseed-keys.js';
import { aCluster, removeTemporaries, stackOf } from '../support.js';

removeTemporaries();

describe('preseeds', () => {
  const { files } = stackOf((stack) => aCluster(stack));
  const read = (name: string) => parse(files[`s/preseeds/${name}.yaml`] ?? '');

  it('found a cluster: API on the private address only, storage pool "local", no trust password', () => {
    expect(read('m1-found')).toEqual({
      config: { 'core.https_address': '192.168.56.11:8443', 'cluster.join_token_expiry': '15M', 'cluster.images_minimal_replica': '1' },
      storage_pools: [{ name: 'local', driver: 'dir' }],
      networks: [
        {
          name: 'lxdbr0',
          type: 'bridge',
          description: expect.any(String),
          config: {
            'ipv4.address': '10.77.0.1/16',
            'ipv4.nat': 'true',
            'ipv4.dhcp.ranges': '10.77.250.1-10.77.250.254',
            'ipv6.address': 'none',
          },
        },
      ],
      profiles: [
        {
          name: 'default',
          devices: { root: { type: 'disk', path: '/', pool: 'local' }, eth0: { type: 'nic', name: 'eth0', network: 'lxdbr0' } },
        },
      ],
      cluster: { server_name: 'm1', enabled: true },
    });
  });

  it.each([1, 2, 3])('let m%i join, with the token that the script adds at the end', (number) => {
    const token = parse(`${files[`s/preseeds/m${number}-join.yaml`]}  cluster_token: "abc="\n`);
    expect(token).toEqual({
      cluster: {
        enabled: true,
        server_address: `192.168.56.1${number}:8443`,
        member_config: [{ entity: 'storage-pool', name: 'local', key: 'source', value: '' }],
        cluster_token: 'abc=',
      },
    });
  });

  it('found by the first member only', () => {
    expect(Object.keys(files).filter((path) => path.endsWith('-found.yaml'))).toEqual(['s/preseeds/m1-found.yaml']);
  });
});

// Those that Debian has are given to the engines themselves: test/lxd/parsers.ts.
describe('preseeds have keys that the engine knows', () => {
  it.each<[Engine, System]>([
    [Engine.lxdApt(), 'debian/12'],
    [Engine.lxdSnap('5.0'), 'ubuntu/22.04'],
    [Engine.lxdSnap('5.21'), 'ubuntu/24.04'],
    [Engine.lxdSnap('6'), 'ubuntu/24.04'],
    [Engine.incus(), 'debian/13'],
    [Engine.incus(), 'ubuntu/24.04'],
  ])('%s, on %s', (engine, system) => {
    const box = Box.of(system);
    const { files } = stackOf((stack) => aCluster(stack, { engine, machineDefaults: { box } }));
    const documents = Object.entries(files).filter(([path]) => path.includes('/preseeds/'));
    const keys = documents.flatMap(([, document]) => keysOf(parse(`${document}  cluster_token: x\n`)));
    expect(keys.length).toBeGreaterThan(30);
    expect(keys.filter(({ span }) => engine.lacks(span, system) !== undefined)).toEqual([]);
  });
});
