import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { disk } from '../../lib/core/disk.js';
import { BaseApp, OutputFile, planPublish, Stack, SynthesisError } from '../../lib/core/index.js';
import { contents, fill, removeTemporaries, temporary } from '../support.js';

removeTemporaries();
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** Synthesises an app that makes these files. @returns its result, or the messages of its errors */
function publish(outdir: string, files: Readonly<Record<string, string>>) {
  const app = new BaseApp({ outdir }, []);
  const stack = new Stack(app, 's');
  for (const [path, content] of Object.entries(files)) new OutputFile(stack, path.replaceAll('/', '-'), { path, render: () => content });
  return app.synth();
}

/** What the refused synthesis complained of, at first; the folder must be as it was. */
function obstacle(outdir: string, files: Readonly<Record<string, string>>): string {
  return messages(outdir, files)[0] ?? '';
}

function messages(outdir: string, files: Readonly<Record<string, string>>): string[] {
  const before = contents(outdir);
  let error: unknown;
  try {
    publish(outdir, files);
  } catch (thrown) {
    error = thrown;
  }
  expect(contents(outdir)).toEqual(before);
  expect(error).toBeInstanceOf(SynthesisError);
  const { diagnostics } = error as SynthesisError;
  const each = { id: 'output-blocked', path: 's', userLine: expect.stringContaining('publish.test.ts:') };
  expect(diagnostics).toMatchObject(diagnostics.map(() => each));
  return diagnostics.map(({ message }) => message);
}

const sha256 = (content: string) => createHash('sha256').update(content, 'latin1').digest('hex');
const FILES = { a: 'A\n', 'b/c/d': 'D\n', 'b/e': 'E\n' };

describe('publishing', () => {
  it('writes all files at first, and a manifest of their hashes and constructs', () => {
    const outdir = join(temporary(), 'new/out');
    expect(publish(outdir, FILES).written).toEqual(['s/a', 's/b/c/d', 's/b/e', 's/tree.json', 's/manifest.json']);
    const present = contents(join(outdir, 's'));
    expect(present).toMatchObject(FILES);
    const { 'manifest.json': manifest, ...others } = present;
    const entry = ([path, content]: [string, string]) => [path, { sha256: sha256(content), construct: 's' }];
    expect(JSON.parse(manifest ?? '')).toEqual({ version: 1, files: Object.fromEntries(Object.entries(others).map(entry)) });
  });

  it('writes only what differs', () => {
    const outdir = temporary();
    publish(outdir, FILES);
    const stamps = () =>
      ['a', 'b/c/d', 'b/e', 'manifest.json', 'tree.json'].map((path) => statSync(join(outdir, 's', path), { bigint: true }));
    const identity = () => stamps().map(({ ino, mtimeNs }) => `${ino} ${mtimeNs}`);
    const first = identity();
    expect(publish(outdir, FILES)).toMatchObject({ written: [], removed: [] });
    expect(identity()).toEqual(first);

    expect(publish(outdir, { ...FILES, a: 'changed' }).written).toEqual(['s/a', 's/manifest.json']);
    const second = identity();
    expect([second[1], second[2], second[4]]).toEqual([first[1], first[2], first[4]]);
    expect(second[0]).not.toBe(first[0]);
  });

  it('writes a file anew that is gone', () => {
    const outdir = temporary();
    publish(outdir, FILES);
    rmSync(join(outdir, 's/b'), { recursive: true });
    expect(publish(outdir, FILES).written).toEqual(['s/b/c/d', 's/b/e']);
  });

  it('removes what the app makes no longer, with folders left empty', () => {
    const outdir = temporary();
    publish(outdir, FILES);
    fill(outdir, { 's/b/mine': 'foreign' });
    expect(publish(outdir, { a: 'A\n' }).removed).toEqual(['s/b/c/d', 's/b/e']);
    expect(Object.keys(contents(join(outdir, 's')))).toEqual(['a', 'b/mine', 'manifest.json', 'tree.json']);
    expect(existsSync(join(outdir, 's/b/c'))).toBe(false);
  });

  it('never touches what is not its own', () => {
    const outdir = temporary();
    const foreign = { 's/notes.txt': 'mine', 's/.vagrant/machines/vm/id': 'x', 's/b/own': 'mine', 'other/manifest.json': '{}' };
    fill(outdir, foreign);
    publish(outdir, FILES);
    publish(outdir, {});
    vi.stubEnv('CDKV_FORCE', '1');
    publish(outdir, FILES);
    publish(outdir, {});
    expect(contents(outdir)).toMatchObject(foreign);
  });

  it('leaves no passing file behind', () => {
    const outdir = temporary();
    for (const content of ['1', '2', '3']) publish(outdir, { a: content });
    expect(Object.keys(contents(outdir))).toEqual(['s/a', 's/manifest.json', 's/tree.json']);
  });

  it('refuses to overwrite an edited file, unless forced', () => {
    const outdir = temporary();
    publish(outdir, FILES);
    fill(outdir, { 's/a': 'edited by hand' });
    expect(obstacle(outdir, { ...FILES, a: 'new' })).toMatch(
      /"[^"]*\/s\/a" was edited after it was written; move it away, or overwrite it with --force/,
    );
    vi.stubEnv('CDKV_FORCE', '1');
    expect(publish(outdir, { ...FILES, a: 'new' }).written).toEqual(['s/a', 's/manifest.json']);
    expect(readFileSync(join(outdir, 's/a'), 'utf8')).toBe('new');
  });

  it('refuses to remove an edited file, unless forced', () => {
    const outdir = temporary();
    publish(outdir, FILES);
    fill(outdir, { 's/a': 'edited by hand' });
    expect(obstacle(outdir, {})).toMatch(/is no longer made by the app but was edited; move it away, or remove it with --force/);
    vi.stubEnv('CDKV_FORCE', '1');
    expect(publish(outdir, {}).removed).toContain('s/a');
  });

  it('shows what was edited', () => {
    const outdir = temporary();
    publish(outdir, { a: 'one\ntwo\nthree\nfour\nfive\n', b: 'B\n' });
    fill(outdir, { 's/a': 'one\ntwo\nby hand \x1b[31m\nfour\nfive\n' });
    const patch = [
      '--- as it is',
      '+++ as the app makes it',
      '@@ -1,5 +1,5 @@',
      '-one',
      '+ONE',
      ' two',
      '-by hand \ufffd[31m',
      '+three',
      ' four',
      ' five',
    ];
    const indented = (lines: readonly string[]) => lines.map((line) => `\n    ${line}`).join('');
    expect(obstacle(outdir, { a: 'ONE\ntwo\nthree\nfour\nfive\n' })).toMatch(/overwrite it with --force\n/);
    expect(obstacle(outdir, { a: 'ONE\ntwo\nthree\nfour\nfive\n' })).toContain(indented(patch));
    expect(obstacle(outdir, {})).toContain(
      indented(['--- as it is', '+++ removed', '@@ -1,5 +0,0 @@', '-one', '-two', '-by hand \ufffd[31m']),
    );
  });

  it('shows no more of it than a person reads', () => {
    const outdir = temporary();
    const lines = (word: string) => Array.from({ length: 500 }, (_, index) => `${word} ${index}\n`).join('');
    publish(outdir, { a: lines('ours') });
    fill(outdir, { 's/a': lines('x'.repeat(500)) });
    const shown = obstacle(outdir, { a: lines('new') }).split('\n');
    expect(shown.length).toBe(42);
    expect(shown.at(-1)).toBe('    ... and 963 more lines');
    expect(Math.max(...shown.slice(1).map((line) => line.length))).toBeLessThan(210);
  });

  it.each([Buffer.from([0, 1, 2]), Buffer.from([0xff, 0xfe])])('says of a binary file that it is one', (content) => {
    const outdir = temporary();
    publish(outdir, FILES);
    fill(outdir, { 's/a': content });
    expect(obstacle(outdir, FILES)).toContain(`--force\n    binary: ${content.length} bytes as it is, 2 bytes as the app makes it`);
  });

  it('shows the first ten files that were edited', () => {
    const outdir = temporary();
    const files = (word: string) => Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`f${index}`, `${word}\n`]));
    publish(outdir, files('ours'));
    fill(join(outdir, 's'), files('edited'));
    const error = (() => {
      try {
        return publish(outdir, files('new')) as never;
      } catch (thrown) {
        return thrown as SynthesisError;
      }
    })();
    expect(error.diagnostics.map(({ message }) => message.includes('as it is'))).toEqual([...Array(10).fill(true), false, false]);
  });

  it.each(['.cdkv/journal.json', '.CDKV/x', '.cdkv-draft'])('refuses to write where it works: %s', (path) => {
    expect(() => publish(temporary(), { [path]: 'x' })).toThrow(
      `[reserved-output-path] output file "${path}" is reserved; choose another name`,
    );
  });

  it.each(['a', 'tree.json', 'manifest.json'])('refuses to overwrite the %s of somebody else', (path) => {
    const outdir = fill(temporary(), { [`s/${path}`]: '{"name": "foreign"}' });
    expect(obstacle(outdir, FILES)).toContain('was not written by this app; move it away, or overwrite it with --force');
  });

  it('takes a file as its own that somebody else brought to the same bytes', () => {
    const outdir = fill(temporary(), { 's/a': 'A\n' });
    expect(publish(outdir, FILES).written).not.toContain('s/a');
    expect(publish(outdir, {}).removed).toContain('s/a');
  });

  it('refuses a folder in the place of a file', () => {
    const outdir = temporary();
    mkdirSync(join(outdir, 's/a'), { recursive: true });
    expect(obstacle(outdir, FILES)).toContain('/s/a"');
  });

  it('refuses a file in the place of a folder', () => {
    const outdir = fill(temporary(), { 's/b': 'foreign' });
    expect(obstacle(outdir, { 'b/e': 'E\n' })).toContain('/s/b"');
  });

  it.each([
    [
      { q: 'Q\n', k: 'K\n' },
      { 'q/r': 'R\n', 'q/s/t': 'T\n', k: 'K\n' },
    ],
    [{ 'p/q': 'Q\n' }, { 'p/q/r/s': 'S\n' }],
  ])('makes of a file of its own a folder, and back: %j', (file, folder) => {
    const outdir = temporary();
    for (const files of [file, folder, file]) {
      publish(outdir, files);
      const { 'manifest.json': manifest, 'tree.json': tree, ...others } = contents(join(outdir, 's'));
      expect(others).toEqual(files);
      expect(publish(outdir, files)).toMatchObject({ written: [], removed: [] });
    }
  });

  it('makes no folder of a file that was edited, unless forced, nor a file of a folder where one was', () => {
    const outdir = temporary();
    const [file, folder] = [{ q: 'Q\n' }, { 'q/r': 'R\n', 'q/s/t': 'T\n' }];
    publish(outdir, file);
    fill(outdir, { 's/q': 'edited' });
    expect(messages(outdir, folder)).toEqual([
      expect.stringMatching(/\/s\/q" is no longer made by the app but was edited; move it away, or remove it with --force/),
      expect.stringMatching(/\/s\/q" is not a folder, so "q\/r" cannot be written; move it away/),
      expect.stringMatching(/\/s\/q" is not a folder, so "q\/s\/t" cannot be written; move it away/),
    ]);
    vi.stubEnv('CDKV_FORCE', '1');
    publish(outdir, folder);
    vi.unstubAllEnvs();
    fill(outdir, { 's/q/s/t': 'edited' });
    expect(messages(outdir, file)).toEqual([
      expect.stringMatching(/\/s\/q\/s\/t" is no longer made by the app but was edited/),
      expect.stringMatching(/\/s\/q" is not a file, so "q" cannot be written; move it away/),
    ]);
    vi.stubEnv('CDKV_FORCE', '1');
    publish(outdir, file);
    expect(contents(outdir)).toMatchObject({ 's/q': 'Q\n' });
  });

  it('makes no file of a folder where there is something of others: a file, a link, an empty folder', () => {
    for (const add of [
      (place: string) => fill(place, { mine: 'mine' }),
      (place: string) => symlinkSync('nowhere', join(place, 'mine')),
      (place: string) => mkdirSync(join(place, 'mine')),
    ]) {
      const outdir = temporary();
      publish(outdir, { 'q/r': 'R\n' });
      add(join(outdir, 's/q'));
      vi.stubEnv('CDKV_FORCE', '1');
      expect(obstacle(outdir, { q: 'Q\n' })).toContain('/s/q" is not a file, so "q" cannot be written; move it away');
      expect(readdirSync(join(outdir, 's/q'))).toEqual(['mine', 'r']);
    }
  });

  it('refuses to go through a symbolic link, forced or not', () => {
    const [outdir, elsewhere] = [temporary(), fill(temporary(), { e: 'E of another' })];
    mkdirSync(join(outdir, 's'));
    symlinkSync(elsewhere, join(outdir, 's/b'));
    const files = { 'b/e': 'E\n' };
    expect(obstacle(outdir, files)).toMatch(/"b" is a symbolic link, so "b\/e" would leave the output folder; remove the link/);
    vi.stubEnv('CDKV_FORCE', '1');
    expect(obstacle(outdir, files)).toContain('"b" is a symbolic link');
    expect(contents(elsewhere)).toEqual({ e: 'E of another' });
  });

  it('removes nothing through a symbolic link', () => {
    const [outdir, elsewhere] = [temporary(), fill(temporary(), { e: 'E\n' })];
    publish(outdir, FILES);
    rmSync(join(outdir, 's/b'), { recursive: true });
    symlinkSync(elsewhere, join(outdir, 's/b'));
    publish(outdir, {});
    expect(contents(elsewhere)).toEqual({ e: 'E\n' });
  });

  it('refuses an output folder that is a file', () => {
    const outdir = fill(temporary(), { s: 'a file' });
    expect(obstacle(outdir, FILES)).toMatch(/output folder ".*\/s" cannot be made: ".*\/s" is a file; choose another output folder/);
  });

  it('refuses a folder of a stack that is a link, forced or not', () => {
    const [outdir, elsewhere] = [temporary(), temporary()];
    publish(elsewhere, FILES);
    const before = contents(elsewhere);
    const link = join(outdir, 's');
    for (const target of [join(elsewhere, 's'), join(outdir, 'nowhere')]) {
      symlinkSync(target, link);
      const reason = `"${link}" is a symbolic link, so what is in it would stand outside the output folder; remove the link`;
      expect(obstacle(outdir, { a: 'new' })).toBe(reason);
      vi.stubEnv('CDKV_FORCE', '1');
      expect(obstacle(outdir, { a: 'new' })).toBe(reason);
      vi.unstubAllEnvs();
      expect(planPublish(link, [], true).obstacles).toEqual([reason]);
      rmSync(link);
    }
    expect(contents(elsewhere)).toEqual(before);
  });

  it('takes an output folder that is a link, though not to nowhere', () => {
    const place = temporary();
    const outdir = join(place, 'link');
    symlinkSync(join(place, 'out'), outdir);
    expect(() => publish(outdir, FILES)).toThrow('is a link to nowhere; choose another output folder');
    mkdirSync(join(place, 'out'));
    publish(outdir, FILES);
    expect(contents(join(place, 'out/s'))).toMatchObject(FILES);
  });

  it('writes no stack when one is blocked', () => {
    const outdir = fill(temporary(), { 'two/x': 'foreign' });
    const app = new BaseApp({ outdir }, []);
    for (const name of ['one', 'two']) new OutputFile(new Stack(app, name), 'F', { path: 'x', render: () => 'new' });
    expect(() => app.synth()).toThrow('output-blocked');
    expect(contents(outdir)).toEqual({ 'two/x': 'foreign' });
  });

  it('tells what it changed before it was refused: the work of one that was interrupted', () => {
    const outdir = temporary();
    publish(outdir, FILES);
    const { rename } = disk;
    let renames = 0;
    vi.spyOn(disk, 'rename').mockImplementation((from, to) => {
      if (++renames === 3) throw new Error('killed');
      rename(from, to);
    });
    expect(() => publish(outdir, { ...FILES, a: 'A2\n', 'b/e': 'E2\n' })).toThrow('[half-published]');
    vi.restoreAllMocks();
    fill(outdir, { 's/a': 'edited by hand' });
    expect(() => publish(outdir, FILES)).toThrow(
      /^2 errors, a part was written\n\nerror \[output-blocked\] ".*\/s\/a" was edited .*\n(?:.*\n)*error \[half-published\] an interrupted synthesis was gone on with first, so files in ".*\/s" were changed/,
    );
    expect(contents(outdir)).toMatchObject({ 's/a': 'edited by hand', 's/b/e': 'E2\n' });
    expect(() => publish(outdir, FILES)).toThrow(/^1 error, nothing was written\n/);
  });

  describe('by a manifest that was tampered with', () => {
    const hash = sha256('precious');
    const tampered = (path: string) => JSON.stringify({ version: 1, files: { [path]: { sha256: hash, construct: 's' } } });

    it.each(['../precious', 'b/../../precious', '/precious', '.vagrant/precious', '.vagrant/machines/precious', '.cdkv-x/precious'])(
      'removes nothing: %s',
      (path) => {
        const outdir = temporary();
        const place = path.startsWith('/') ? join(outdir, 's', path) : join(outdir, 's', path);
        fill(join(place, '..'), { precious: 'precious' });
        fill(outdir, { 's/manifest.json': tampered(path) });
        vi.stubEnv('CDKV_FORCE', '1');
        publish(outdir, {});
        expect(readFileSync(place, 'utf8')).toBe('precious');
      },
    );

    it.each(['', '.', 'b', './/'])('survives the entry %j', (path) => {
      const outdir = fill(temporary(), { 's/b/precious': 'precious', 's/manifest.json': tampered(path) });
      vi.stubEnv('CDKV_FORCE', '1');
      publish(outdir, {});
      expect(contents(outdir)).toMatchObject({ 's/b/precious': 'precious' });
    });
  });
});
