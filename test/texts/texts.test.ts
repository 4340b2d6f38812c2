import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Annotations, App, type Assembly, type Diagnostic, Machine, MESSAGES, Stack, SynthesisError } from '../../lib/index.js';
import { AWKWARD, anyString } from '../strings.js';
import { fill, removeTemporaries, temporary } from '../support.js';
import { type Hearing, type Place, READERS, type Reader } from './readers.js';
import { type Row, safe, TABLE } from './table.js';

removeTemporaries();

// Any string, in any property, is refused with a code, or the programs that read it have it as it is.

/** Strings for each property. */
const COUNT = 24;

interface Case {
  readonly property: string;
  readonly row: Row;
  readonly text: string;
  /** Another number for each. */
  readonly n: number;
}

/** For each property different strings: of those that it is meant for, and of all others. */
const cases: fc.Arbitrary<Case[]> = fc
  .tuple(
    ...Object.values(TABLE).map(({ like }) =>
      fc.uniqueArray(fc.oneof(like, anyString), {
        minLength: COUNT,
        maxLength: COUNT,
        selector: (text) => safe(text).toLowerCase(),
      }),
    ),
  )
  .map((texts) =>
    Object.entries(TABLE).flatMap(([property, row], r) => (texts[r] ?? []).map((text, c) => ({ property, row, text, n: r * COUNT + c }))),
  );

const stackName = ({ property, text, n }: Case) => (property === 'new Stack(id)' ? text : `text.${n}`);
const shown = ({ property, text }: Case) => `${property} ${JSON.stringify(text)}`;

/** An app with a stack for each case, but those where something is thrown. @returns also the cases by the path of their stack */
function build(all: readonly Case[]): { app: App; left: Map<string, Case> } {
  const app = new App({ outdir: join(temporary(), 'out') });
  for (const [id, { severity }] of Object.entries(MESSAGES)) {
    if (severity === 'warning') Annotations.of(app).acknowledge(id, 'the texts are what counts here');
  }
  const left = new Map<string, Case>();
  for (const one of all) {
    let stack: Stack | undefined;
    try {
      stack = new Stack(app, stackName(one));
      one.row.build(stack, one.text, one.n);
      left.set(stack.node.path, one);
    } catch (error) {
      if (stack !== undefined) app.node.tryRemoveChild(stack.node.id);
      expect((error as Error).message, shown(one)).toMatch(one.row.thrown ?? /^nothing is to be thrown$/);
    }
  }
  return { app, left };
}

/** Takes the cases away that are refused. @returns those that are not, and where all that is heard of them stands */
function sift(all: readonly Case[]): { taken: readonly Case[]; outdir: string } {
  const { app, left } = build(all);
  let assembled: Attempt<Assembly> = attempt(() => {
    app.synth();
    return app.assemble();
  });
  expect(existsSync(app.outdir), 'something is written').toBe(false);
  for (; 'errors' in assembled; assembled = attempt(() => app.assemble())) {
    const refused = new Map<string, string[]>();
    for (const { id, path, severity } of assembled.errors) {
      expect(MESSAGES[id]?.severity, id).toBe(severity);
      const stack = path.split('/')[0] as string;
      refused.set(stack, [...(refused.get(stack) ?? []), id]);
    }
    for (const [stack, ids] of refused) {
      const one = left.get(stack) as Case;
      expect(
        ids.some((id) => one.row.refused?.includes(id)),
        `${shown(one)} is refused with ${ids.join(', ')}`,
      ).toBe(true);
      left.delete(stack);
      app.node.tryRemoveChild(stack);
    }
  }
  for (const { path, folder, files } of assembled.result.stacks) {
    const { row, text } = left.get(path) as Case;
    const heard = row.heard.map((hearing) => hearing.path(text));
    const wanted = files.filter((file) => file.path === 'Vagrantfile' || heard.includes(file.path));
    fill(folder, Object.fromEntries(wanted.map((file) => [file.path, file.content])));
  }
  return { taken: [...left.values()], outdir: app.outdir };
}

type Attempt<T> = { readonly result: T } | { readonly errors: readonly Diagnostic[] };

function attempt<T>(what: () => T): Attempt<T> {
  try {
    return { result: what() };
  } catch (error) {
    if (error instanceof SynthesisError) return { errors: error.diagnostics };
    throw error;
  }
}

const placeOf = (one: Case, hearing: Hearing, outdir: string): Place => ({
  folder: join(outdir, stackName(one)),
  path: hearing.path(one.text),
});

/** What each reader made of the files that are to be read by it, by its name and the path. */
async function readAll(taken: readonly Case[], outdir: string): Promise<Map<string, unknown>> {
  const places = new Map<Reader, Map<string, Place>>();
  for (const one of taken) {
    for (const hearing of one.row.heard) {
      const known = places.get(hearing.reader) ?? new Map<string, Place>();
      places.set(hearing.reader, known);
      const place = placeOf(one, hearing, outdir);
      known.set(join(place.folder, place.path), place);
    }
  }
  // As what the user's environment holds for a password does not matter here, there is some for each.
  const env = Object.fromEntries(taken.map(({ n }) => [`STATISTICS_F${n}`, 'x']));
  const read = [...places].map(async ([reader, known]) => {
    const contents = await READERS[reader]([...known.values()], env);
    return [...known.keys()].map((path, n) => [`${reader} ${path}`, contents[n]] as const);
  });
  return new Map((await Promise.all(read)).flat());
}

it('any string of any property is refused, or is what the programs read', async () => {
  const property = fc.asyncProperty(cases, async (all) => {
    const { taken, outdir } = sift(all);
    const read = await readAll(taken, outdir);
    for (const one of taken) {
      for (const hearing of one.row.heard) {
        const { folder, path } = placeOf(one, hearing, outdir);
        const heard = [hearing.hears(read.get(`${hearing.reader} ${join(folder, path)}`), one.text)].flat();
        expect(heard, `${shown(one)} in ${path}, by ${hearing.reader}`).toEqual([hearing.means(one.text, stackName(one))].flat());
      }
    }
    for (const name of Object.keys(TABLE)) {
      expect(taken.filter((one) => one.property === name).length, `strings taken for ${name}`).toBeGreaterThan(2);
    }
  });
  await fc.assert(property, {
    numRuns: 1,
    endOnFailure: true,
    seed: Number(process.env.CDKV_SEED ?? 20),
    // The counterexample would be all strings of all properties; the error says which one it is.
    reporter: ({ failed, seed, errorInstance }) => {
      if (failed) throw new Error(`with seed ${seed} (CDKV_SEED): ${(errorInstance as Error).message}`, { cause: errorInstance });
    },
  });
}, 120_000);

it('any name of a folder or file is refused, or is what stands there', () => {
  const names = fc.sample(fc.oneof(anyString, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })), { numRuns: 120, seed: 20 });
  for (const name of new Set([...AWKWARD, ...names])) {
    const outdir = `${temporary()}/${name}`;
    const app = new App({ outdir });
    new Machine(new Stack(app, 's'), 'vm', { address: '192.168.56.5' });
    const done = attempt(() => app.synth());
    const ids = 'errors' in done ? new Set(done.errors.map(({ id }) => id)) : new Set();
    expect([...ids], JSON.stringify(name)).toEqual(existsSync(join(outdir, 's/Vagrantfile')) ? [] : ['output-blocked']);
  }
}, 120_000);
