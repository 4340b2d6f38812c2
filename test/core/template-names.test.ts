import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { CompiledTemplate } from '../../lib/core/text.js';
import { ROOT, removeTemporaries } from '../support.js';

removeTemporaries();

// A misspelt name in {{#if}} or {{#each}} would be nothing, silently.

/** Names that a template asked for, and that were not in what it was given: `file.hbs: name`. */
const { missing, seen } = vi.hoisted(() => ({ missing: new Set<string>(), seen: new Set<string>() }));

vi.mock('../../lib/core/template.js', async (original) => {
  const { load } = await original<{ load: (template: URL) => CompiledTemplate }>();
  const isPlain = (value: unknown) =>
    Array.isArray(value) || (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype);
  const watched = (value: unknown, file: string): unknown =>
    !isPlain(value)
      ? value
      : new Proxy(value as object, {
          get(target, name, receiver) {
            if (typeof name === 'string' && !(name in target)) missing.add(`${file}: ${name}`);
            const found = Reflect.get(target, name, receiver) as unknown;
            return typeof found === 'function' ? found : watched(found, file);
          },
        });
  return {
    load:
      (template: URL): CompiledTemplate =>
      (helpers) => {
        const file = template.pathname.slice(template.pathname.lastIndexOf('/') + 1);
        const fill = load(template)(helpers);
        seen.add(file);
        return (values) => fill(watched(values, file) as object);
      },
  };
});

it('templates ask for nothing that they are never given', async () => {
  const { synthesiseVariants } = await import('../variants.js');
  synthesiseVariants();
  // The paper's app has a load test besides.
  const { App } = await import('../../lib/index.js');
  const synth = vi.spyOn(App.prototype, 'synth').mockImplementation(function (this: InstanceType<typeof App>) {
    this.assemble();
    return undefined as never;
  });
  await import('../../bin/balanceador.js');
  expect(synth).toHaveBeenCalledOnce();
  const all = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.hbs'));
  expect([...seen].sort(), 'templates that the variants fill').toEqual(all.map((path) => path.replace(/.*\//, '')).sort());
  expect([...missing].sort()).toEqual([]);
});
