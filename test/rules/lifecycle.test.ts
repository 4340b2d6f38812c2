import { describe } from 'vitest';
import { Box, Container, Image, Machine } from '../../lib/index.js';
import { aCluster, itWarns, removeTemporaries } from '../support.js';

removeTemporaries();

const address = '192.168.56.5';

describe('the rules of lifecycle', () => {
  itWarns(import.meta.url, [
    {
      id: 'end-of-life-box',
      path: 's/M',
      says: ['"debian/buster64"', '2022-09', 'use debian/12'],
      build: (stack) => new Machine(stack, 'M', { address, box: Box.named('debian/buster64', { system: 'debian/12' }) }),
      spares: {
        'one that is supported': (stack) =>
          new Machine(stack, 'M', { address, box: Box.named('debian/bookworm64', { system: 'debian/12' }) }),
      },
    },
    {
      id: 'end-of-life-box',
      when: 'of one provider only',
      path: 's/M',
      says: ['"debian/buster64"', 'use debian/12'],
      build: (stack) =>
        new Machine(stack, 'M', {
          address,
          box: Box.named('bento/debian-12', { system: 'debian/12', byProvider: { libvirt: 'debian/buster64' } }),
        }),
    },
    {
      id: 'end-of-life-image',
      path: 's/C',
      says: ['"ubuntu:20.04"', '2025-05', 'use ubuntu/24.04'],
      build: (stack) => new Container(stack, 'C', { on: aCluster(stack).m1, image: Image.remote('ubuntu:20.04') }),
      spares: {
        'one that is supported': (stack) => new Container(stack, 'C', { on: aCluster(stack).m1, image: Image.remote('ubuntu:22.04') }),
        'files that are named like it': (stack) =>
          new Container(stack, 'C', {
            on: aCluster(stack).m1,
            image: Image.files({ alias: 'debian-10', metadata: 'package.json', rootfs: 'package.json' }),
          }),
      },
    },
  ]);
});
