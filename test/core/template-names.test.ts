import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { CompiledTemplate } from '../../lib/core/text.js';
import { ROOT, removeTemporaries } from '../support.js';

// A misspelt name in {{#if}} or {{#each}} would be nothing, silently.

removeTemporaries();

/** Names that a template asked for, and that were not in what it was given: `file.hbs: name`. */
const missing = new Set<string>();
/** Templates that were filled. */
const seen = new Set<string>();

const isPlain = (value: unknown) =>
  Array.isArray(value) || (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype);

/** A value that notes what is asked of it, and of what is in it. */
function watched(value: unknown, file: string): unknown {
  if (!isPlain(value)) return value;
  return new Proxy(value as object, {
    get(target, name, receiver) {
      if (typeof name === 'string' && !(name in target)) missing.add(`${file}: ${name}`);
      const found = Reflect.get(target, name, receiver) as unknown;
      return typeof found === 'function' ? found : watched(found, file);
    },
  });
}

const LOADER = '../../lib/core/template.js';

// The library is loaded once more, with another loader of templates; the other tests of this process have their own.
beforeAll(async () => {
  const { load } = await vi.importActual<{ load: (template: URL) => CompiledTemplate }>(LOADER);
  vi.resetModules();
  vi.doMock(LOADER, () => ({
    load:
      (template: URL): CompiledTemplate =>
      (helpers, values) => {
        const file = template.pathname.slice(template.pathname.lastIndexOf('/') + 1);
        seen.add(file);
        return load(template)(helpers, watched(values, file) as object);
      },
  }));
});

afterAll(() => {
  vi.doUnmock(LOADER);
  vi.resetModules();
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
