import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './support.js';

/** Who may know whom. */
const MAY_KNOW: Readonly<Record<string, readonly string[]>> = {
  core: [],
  machine: ['core'],
  haproxy: ['core'],
  provision: ['core', 'machine'],
  lxd: ['core', 'machine', 'provision'],
  web: ['core', 'machine', 'provision', 'haproxy', 'lxd'],
  rules: ['core', 'machine', 'haproxy', 'lxd', 'web'],
  topology: ['core', 'machine', 'lxd', 'web'],
  measure: [],
  trials: ['core', 'machine', 'haproxy', 'lxd', 'web', 'measure'],
  load: ['measure'],
  'cloud-init': ['core', 'machine'],
  seed: ['core', 'cloud-init'],
  rehearsal: ['core', 'measure', 'trials'],
  running: ['core', 'machine', 'measure', 'trials'],
  report: ['core', 'measure', 'trials', 'load', 'topology'],
  vagrant: ['core', 'machine'],
  assertions: ['core', 'machine', 'lxd', 'web', 'trials'],
  cli: ['core', 'machine', 'measure', 'trials', 'load', 'rehearsal', 'running', 'report', 'seed'],
};

describe('the rooms of lib', () => {
  const rooms = readdirSync(join(ROOT, 'lib'), { withFileTypes: true }).filter((entry) => entry.isDirectory());

  it.each(rooms.map((room) => room.name))('%s knows only whom it may, by their front doors', (room) => {
    const sources = readdirSync(join(ROOT, 'lib', room)).filter((name) => name.endsWith('.ts'));
    const imports = sources.flatMap((name) => [...readFileSync(join(ROOT, 'lib', room, name), 'utf8').matchAll(/from '(\.\.\/[^']+)'/g)]);
    const allowed = (MAY_KNOW[room] ?? []).map((other) => `../${other}/index.js`);
    expect(imports.map(([, path]) => path).filter((path) => !allowed.includes(path as string))).toEqual([]);
  });
});
