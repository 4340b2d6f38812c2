import fs, { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Annotations, BaseApp, OutputFile, Stack } from '../../lib/core/index.js';
import { orphansOf } from '../../lib/core/orphans.js';
import { contents, fill, removeTemporaries, temporary } from '../support.js';

removeTemporaries();
afterEach(() => vi.restoreAllMocks());

/** An app of stacks of these names, each of a file. */
function appOf(outdir: string, names: readonly string[], path = 'Vagrantfile'): BaseApp {
  const app = new BaseApp({ outdir }, []);
  for (const name of names) new OutputFile(new Stack(app, name), 'F', { path, render: () => name });
  return app;
}

/** What a synthesis prints, which takes no note for a warning. */
function printed(app: BaseApp): string {
  const spy = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(app.synth({ strict: true }).warnings).toEqual([]);
  const texts = spy.mock.calls.map(([text]) => String(text));
  spy.mockRestore();
  return texts.join('');
}

/** An output folder of the stacks `kept` and `left`. */
function synthesised(path?: string): string {
  const outdir = temporary();
  appOf(outdir, ['kept', 'left'], path).synth();
  return outdir;
}

describe('the folder of a stack that the app does not make', () => {
  it('is told, and left as it is', () => {
    const outdir = synthesised();
    const before = contents(outdir);
    const app = appOf(outdir, ['kept']);
    expect(printed(app)).toBe(
      `info [orphan-stack] "${join(outdir, 'left')}" is of a stack that this app does not make, and is left as its machines may still run; unless another app makes it, run "vagrant destroy" in it, then delete it\n    in the app\n\n`,
    );
    expect(contents(outdir)).toEqual(before);
  });

  it('is told as long as it is there', () => {
    const outdir = synthesised();
    const app = appOf(outdir, ['kept']);
    expect(printed(app)).toContain('[orphan-stack]');
    renameSync(join(outdir, 'left'), join(temporary(), 'left'));
    expect(printed(app)).toBe('');
  });

  it('is told of each, in order, without Vagrant where there is none', () => {
    const outdir = synthesised('user-data');
    const told = orphansOf(appOf(outdir, ['other']).assemble());
    expect(told.map(({ message }) => message)).toEqual([
      expect.stringMatching(/\/kept" is of .*, end its machines, then delete it$/),
      expect.stringMatching(/\/left" is of .*, end its machines, then delete it$/),
    ]);
  });

  it('is acknowledged on the app', () => {
    const app = appOf(synthesised(), ['kept']);
    Annotations.of(app).acknowledge('orphan-stack', 'of the app beside it');
    expect(printed(app)).toBe('');
  });

  it('is not told by who only assembles', () => {
    expect(appOf(synthesised(), ['kept']).assemble().diagnostics).toEqual([]);
  });

  it('is no folder without a manifest of ours, no link, no file, none of a synthesis under way', () => {
    const outdir = synthesised();
    renameSync(join(outdir, 'left'), join(outdir, '.cdkv-draft'));
    symlinkSync(join(outdir, '.cdkv-draft'), join(outdir, 'link'));
    mkdirSync(join(outdir, 'empty'));
    fill(outdir, {
      file: '',
      'foreign/manifest.json': '{"name": "app"}',
      'broken/manifest.json': '{',
      'null/manifest.json': 'null',
      'later/manifest.json': '{"version": 2, "files": {"tree.json": {"sha256": "x", "construct": "s"}}}',
      'alike/manifest.json': '{"version": 1, "files": {}}',
    });
    expect(printed(appOf(outdir, ['kept']))).toBe('');
  });

  it('is not its own, by the name of another case', () => {
    const outdir = synthesised();
    renameSync(join(outdir, 'kept'), join(outdir, 'Kept'));
    expect(orphansOf(appOf(outdir, ['kept', 'left']).assemble())).toEqual([]);
  });

  it('costs one look into the output folder, which may not be there or not be readable', () => {
    const outdir = synthesised();
    const [there, absent] = [appOf(outdir, ['kept', 'left']).assemble(), appOf(join(outdir, 'absent'), ['kept']).assemble()];
    const [list, read] = [vi.spyOn(fs, 'readdirSync'), vi.spyOn(fs, 'readFileSync')];
    expect(orphansOf(there)).toEqual([]);
    expect([list.mock.calls, read.mock.calls]).toEqual([[[outdir]], []]);
    expect(orphansOf(absent)).toEqual([]);
    list.mockImplementation(() => {
      throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    });
    expect(orphansOf(there)).toEqual([]);
  });
});
