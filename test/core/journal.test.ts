import fs, { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { disk } from '../../lib/core/disk.js';
import { draftName } from '../../lib/core/owner.js';
import { HalfPublishedError, type PublishPlan, planPublish, publish } from '../../lib/core/publish.js';
import { FOREIGN, filesOf, filesOfStack, judgeInterrupted, judgePublished, ours, outputsOf, same, type Version } from '../faults/scene.js';
import { contents, fill, removeTemporaries, temporary } from '../support.js';

removeTemporaries();
afterEach(() => vi.restoreAllMocks());

const OLD: Version = {
  one: { a: 'A\n', 'b/c/d': 'D\n', 'b/e': 'E\n', 'gone/deep/f': 'F\n' },
  two: { x: 'X\n', y: 'Y\n' },
};
const NEXT: Version = {
  one: { a: 'A2\n', 'b/c/d': 'D\n', 'b/e': 'E2\n', 'new/deep/g': 'G\n' },
  two: { y: 'Y2\n' },
};

/** A folder where a version was published, with files of others. */
function published(version: Version = OLD): string {
  const outdir = fill(temporary(), FOREIGN);
  publish(outputsOf(outdir, version), { force: false });
  return outdir;
}

const bring = (outdir: string, version: Version, force = false, patienceMs = 30_000) =>
  publish(outputsOf(outdir, version), { force, patienceMs }).plans;
const obstaclesOf = (plans: readonly PublishPlan[]) => plans.flatMap(({ obstacles }) => obstacles);
const ofOne = (outdir: string) => Object.entries(contents(outdir)).filter(([path]) => path.startsWith('one/'));
const drafts = (outdir: string) => readdirSync(outdir, { recursive: true }).filter((path) => String(path).includes('.cdkv'));

function expectPublished(outdir: string, version: Version): void {
  expect(judgePublished(contents(outdir), version)).toEqual([]);
  expect(drafts(outdir)).toEqual([]);
}

/** How the k-th change of the disk goes wrong: the process is killed before it, or amid it; it alone fails, or all do from it on. */
type Fault = 'killed' | 'torn' | 'ENOSPC' | 'EACCES' | 'EACCES from there on';

/** Runs something with a fault. @returns how many changes there were to be, and what came of it */
function withFault<T>(fault: Fault, at: number, act: () => T): { readonly changes: number; readonly result: T | Error } {
  let changes = 0;
  const real = { ...disk };
  for (const name of Object.keys(real) as (keyof typeof disk)[]) {
    const change = real[name] as (...words: unknown[]) => unknown;
    const tear = (path: string, content: string) => {
      if (name === 'write') writeFileSync(path, content.slice(0, content.length / 2));
      else if (name === 'removeTree' && existsSync(path))
        rmSync(join(path, readdirSync(path)[0] ?? 'nothing'), { recursive: true, force: true });
    };
    vi.spyOn(disk, name).mockImplementation(((...words: [string, string]) => {
      changes++;
      if (changes < at || (changes > at && ['ENOSPC', 'EACCES'].includes(fault))) return change(...words);
      if (fault === 'torn' && changes === at) tear(...words);
      const code = fault.slice(0, 6);
      throw Object.assign(new Error(`${code}: as the test says, ${name} '${words[0]}'`), { code });
    }) as never);
  }
  try {
    return { result: act(), changes };
  } catch (error) {
    return { result: error as Error, changes };
  } finally {
    vi.restoreAllMocks();
  }
}

/** Does something before each change of the disk. */
function onChange(act: () => void): void {
  const real = { ...disk };
  for (const name of Object.keys(real) as (keyof typeof disk)[]) {
    vi.spyOn(disk, name).mockImplementation(((...words: unknown[]) => {
      act();
      return (real[name] as (...words: unknown[]) => unknown)(...words);
    }) as never);
  }
}

/** The number of changes of a publish from one version to the next. */
const CHANGES = withFault('killed', Number.POSITIVE_INFINITY, () => bring(published(), NEXT)).changes - countOf(() => published());

function countOf(act: () => unknown): number {
  return withFault('killed', Number.POSITIVE_INFINITY, act).changes;
}

const EACH = Array.from({ length: CHANGES }, (_, index) => index + 1);

describe('a publish', () => {
  it('is of some changes, each of which goes wrong below', () => {
    expect(CHANGES).toBeGreaterThan(25);
    expect(CHANGES).toBeLessThan(60);
  });

  it.each(['killed', 'torn'] as const)('that is %s at any change is completed or undone by the next', (fault) => {
    for (const at of EACH) {
      const then = (at % 2 === 0) === (fault === 'torn') ? NEXT : OLD;
      const outdir = published();
      withFault(fault, at, () => bring(outdir, NEXT));
      expect(judgeInterrupted(outdir, contents(outdir), OLD, NEXT), `${fault} at ${at}`).toEqual([]);
      expect(obstaclesOf(bring(outdir, then)), `${fault} at ${at}`).toEqual([]);
      expectPublished(outdir, then);
    }
  });

  it('that is killed is completed, though its completion is killed too', () => {
    for (const at of EACH.filter((number) => number % 3 === 0)) {
      for (let again = 1 + (at % 4); again <= CHANGES + 15; again += 4) {
        const outdir = published();
        withFault('killed', at, () => bring(outdir, NEXT));
        withFault('killed', again, () => bring(outdir, NEXT));
        expect(judgeInterrupted(outdir, contents(outdir), OLD, NEXT), `killed at ${at} and ${again}`).toEqual([]);
        expect(obstaclesOf(bring(outdir, NEXT))).toEqual([]);
        expectPublished(outdir, NEXT);
      }
    }
  });

  it('that is killed is undone or completed in all its folders, or in none, when the next is of one of them', () => {
    for (const at of EACH) {
      for (const stack of ['one', 'two']) {
        const outdir = published();
        withFault('killed', at, () => bring(outdir, NEXT));
        const present = contents(outdir);
        const begun = !['one', 'two'].every((name) => same(ours(present, name), filesOfStack(OLD, name)));
        expect(obstaclesOf(bring(outdir, { [stack]: { z: 'Z\n' } }))).toEqual([]);
        const other = stack === 'one' ? 'two' : 'one';
        expect(ours(contents(outdir), other), `killed at ${at}`).toEqual(filesOfStack(begun ? NEXT : OLD, other));
      }
    }
  });

  it('that is killed is completed nowhere while one of its folders stands in the way', () => {
    let stuck = 0;
    for (const at of EACH) {
      const outdir = published();
      withFault('killed', at, () => bring(outdir, NEXT));
      const one = ours(contents(outdir), 'one');
      const isPending = existsSync(join(outdir, 'two/.cdkv/journal.json')) && !existsSync(join(outdir, 'two/.cdkv/0'));
      if (!isPending || same(one, filesOfStack(OLD, 'one'))) continue;
      stuck++;
      fill(outdir, { 'two/x': 'edited by hand' });
      for (const version of [NEXT, { one: NEXT.one ?? {} }]) {
        const plans = bring(outdir, version);
        expect(obstaclesOf(plans), `killed at ${at}`).toEqual([expect.stringMatching(/"[^"]*\/two\/x" was edited .* with --force/)]);
        // It is told of its own stack, where the app has it.
        expect(plans.at(-1)?.obstacles).toHaveLength(1);
        expect(ours(contents(outdir), 'one')).toEqual(one);
      }
      expect(obstaclesOf(bring(outdir, NEXT, true))).toEqual([]);
      expectPublished(outdir, NEXT);
    }
    expect(stuck).toBeGreaterThan(5);
  });

  it('that is killed when it is the first leaves nothing in the way', () => {
    const changes = countOf(() => bring(temporary(), NEXT));
    for (let at = 1; at <= changes; at++) {
      const outdir = fill(temporary(), FOREIGN);
      withFault('killed', at, () => bring(outdir, NEXT));
      expect(obstaclesOf(bring(outdir, NEXT)), `killed at ${at}`).toEqual([]);
      expectPublished(outdir, NEXT);
    }
  });

  it.each(['ENOSPC', 'EACCES', 'EACCES from there on'] as const)(
    'that meets %s at any change changes nothing, or says who completes it',
    (fault) => {
      for (const at of EACH) {
        const outdir = published();
        const before = contents(outdir);
        const { result } = withFault(fault, at, () => bring(outdir, NEXT));
        const remedy = fault === 'ENOSPC' ? /no room is left \(.*\); make room/ : /the right to write is missing \(.*\); grant it/;
        const present = contents(outdir);
        expect(judgeInterrupted(outdir, present, OLD, NEXT), `${fault} at ${at}`).toEqual([]);
        if (result instanceof Error) {
          expect(result).toBeInstanceOf(HalfPublishedError);
          expect(result.message).toMatch(/^1 error, a part was written\n\nerror \[half-published\] output folder ".*" is half written: /);
          expect(result.message).toMatch(remedy);
          expect(result.message).toContain('run "npx cdkv synth", which completes it');
          expect(obstaclesOf([planPublish(join(outdir, 'two'), [], false)]).join()).toContain('run "npx cdkv synth", which completes it');
        } else if (obstaclesOf(result).length > 0) {
          expect(obstaclesOf(result).join()).toMatch(remedy);
          if (fault !== 'EACCES from there on') expect(present, `${fault} at ${at}`).toEqual(before);
        }
        // Where nothing may be written, nothing is completed, and nothing lost.
        if (result instanceof Error) {
          const stuck = withFault('EACCES from there on', 1, () => bring(outdir, NEXT)).result as PublishPlan[];
          expect(obstaclesOf(stuck).join()).toMatch(/was interrupted and cannot be completed: .*grant it, then run "npx cdkv synth" again/);
        }
        expect(obstaclesOf(bring(outdir, NEXT)), `${fault} at ${at}`).toEqual([]);
        expectPublished(outdir, NEXT);
      }
    },
  );

  it.each(['one/a', 'one/b/e', 'one/gone/deep/f', 'one/new/deep/g', 'one/manifest.json', 'two/x'])(
    'that was killed leaves %s alone, which was edited then',
    (path) => {
      for (const at of EACH.filter((number) => number % 2 === 0)) {
        const outdir = published();
        withFault('killed', at, () => bring(outdir, NEXT));
        const wasThere = existsSync(join(outdir, path));
        fill(outdir, { [path]: 'edited by hand' });
        const plans = bring(outdir, NEXT);
        expect(readFileSync(join(outdir, path), 'utf8'), `killed at ${at}`).toBe('edited by hand');
        // Made after its removal, it is in nobody's way.
        const made = wasThere || path in filesOf(NEXT);
        expect(obstaclesOf(plans).join()).toMatch(made ? /\/(one|two)\/.*--force/ : /^$/);
        expect(obstaclesOf(bring(outdir, NEXT, true))).toEqual([]);
        // Without a manifest, nobody knows what else was ours.
        const unknown = [...(made ? [] : [path]), ...(path === 'one/manifest.json' ? ['one/gone/deep/f'] : [])];
        const present = Object.entries(contents(outdir)).filter(([one]) => !unknown.includes(one));
        expect(judgePublished(Object.fromEntries(present), NEXT), `killed at ${at}`).toEqual([]);
      }
    },
  );

  it('does not mix with another that went before its lock', () => {
    const other: Version = { one: { a: 'A3\n', 'b/c/d': 'D\n' }, two: OLD.two ?? {} };
    for (let at = 1; ; at++) {
      const outdir = published();
      let [changes, went, locked] = [0, false, false];
      onChange(() => {
        locked ||= existsSync(join(outdir, 'one/.cdkv'));
        if (++changes !== at || locked) return;
        went = true;
        for (const path of ['one/b/e', 'one/gone']) rmSync(join(outdir, path), { recursive: true });
        fill(outdir, filesOf(other));
      });
      expect(obstaclesOf(bring(outdir, NEXT))).toEqual([]);
      vi.restoreAllMocks();
      expect(judgePublished(contents(outdir), NEXT), `another at ${at}`).toEqual([]);
      if (!went) break;
    }
  });

  it('takes nothing for done that it cannot see, as when too many files are open', () => {
    for (let at = 1; at < 20; at++) {
      const outdir = published();
      const { readdirSync: real } = fs;
      let asked = 0;
      vi.spyOn(fs, 'readdirSync').mockImplementation(((path: string, ...words: never[]) => {
        if (path.endsWith('.cdkv') && ++asked === at) throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
        return (real as (...words: unknown[]) => unknown)(path, ...words);
      }) as typeof real);
      let result: readonly PublishPlan[] | Error;
      try {
        result = bring(outdir, NEXT);
      } catch (error) {
        result = error as Error;
      }
      vi.restoreAllMocks();
      if (asked < at) return expectPublished(outdir, NEXT);
      if (!(result instanceof Error) && obstaclesOf(result).length === 0) expectPublished(outdir, NEXT);
      else expect(result instanceof Error ? result.message : obstaclesOf(result).join()).toContain('EMFILE');
      expect(obstaclesOf(bring(outdir, NEXT))).toEqual([]);
      expectPublished(outdir, NEXT);
    }
  });

  it('leaves a file alone that is edited while it publishes', () => {
    const amid = (moment: number) => {
      const outdir = published();
      let renames = 0;
      const { rename } = disk;
      vi.spyOn(disk, 'rename').mockImplementation((from, to) => {
        rename(from, to);
        if (++renames === moment) fill(outdir, { 'one/b/e': 'edited by hand' });
      });
      try {
        return { outdir, result: bring(outdir, NEXT) };
      } catch (error) {
        return { outdir, result: error as Error };
      } finally {
        vi.restoreAllMocks();
        expect(readFileSync(join(outdir, 'one/b/e'), 'utf8')).toBe('edited by hand');
      }
    };
    // Before anything was changed (two commits), and after the first change.
    for (const moment of [1, 2]) {
      const { outdir, result } = amid(moment);
      expect(obstaclesOf(result as PublishPlan[]).join()).toContain('was edited after it was written');
      expect(contents(outdir)).toMatchObject({ 'one/a': 'A\n', 'two/x': 'X\n' });
      expect(drafts(outdir)).toEqual([]);
    }
    const { outdir, result } = amid(3);
    expect((result as Error).message).toMatch(/is half written: ".*\/one\/b\/e" was edited .*; move it away, or overwrite it with --force/);
    expect(obstaclesOf(bring(outdir, NEXT)).join()).toMatch(
      /"[^"]*\/one\/b\/e" was edited while a publish was under way; move it away, or overwrite it with --force\n {4}--- as it is\n.*\n.*\n {4}-edited by hand/,
    );
    rmSync(join(outdir, 'one/b/e'));
    expect(obstaclesOf(bring(outdir, NEXT))).toEqual([]);
    expectPublished(outdir, NEXT);
  });

  it('changes nothing on the disk when there is nothing to change', () => {
    const outdir = published();
    expect(countOf(() => bring(outdir, OLD))).toBe(0);
  });
});

describe('a publish that makes folders of files, and files of folders', () => {
  const FILES: Version = { one: { 'm/n': 'N\n', q: 'Q\n', v: 'V\n' }, two: { q: 'Q\n' } };
  const FOLDERS: Version = { one: { m: 'M\n', 'q/r/s': 'S\n', 'q/t': 'T\n', 'v/w/x': 'X\n', 'v/w/y/z': 'Z\n' }, two: { 'q/r': 'R\n' } };

  describe.each([
    ['there', FILES, FOLDERS],
    ['back', FOLDERS, FILES],
  ])('%s', (_, old, next) => {
    const changes = countOf(() => bring(published(old), next)) - countOf(() => published(old));
    const each = Array.from({ length: changes }, (__, index) => index + 1);

    it.each(['killed', 'torn', 'ENOSPC', 'EACCES', 'EACCES from there on'] as const)(
      'and that meets this at any change is completed or undone by the next: %s',
      (fault) => {
        for (const at of each) {
          const then = at % 2 === 0 ? next : old;
          const outdir = published(old);
          withFault(fault, at, () => bring(outdir, next));
          expect(judgeInterrupted(outdir, contents(outdir), old, next), `${fault} at ${at}`).toEqual([]);
          expect(obstaclesOf(bring(outdir, then)), `${fault} at ${at}`).toEqual([]);
          expectPublished(outdir, then);
        }
      },
    );

    it('and that is killed is completed, though its completion is killed too', () => {
      for (const at of each.filter((number) => number % 3 === 0)) {
        for (let again = 1 + (at % 4); again <= changes + 15; again += 4) {
          const outdir = published(old);
          withFault('killed', at, () => bring(outdir, next));
          withFault('killed', again, () => bring(outdir, next));
          expect(judgeInterrupted(outdir, contents(outdir), old, next), `killed at ${at} and ${again}`).toEqual([]);
          expect(obstaclesOf(bring(outdir, next)), `killed at ${at} and ${again}`).toEqual([]);
          expectPublished(outdir, next);
        }
      }
    });
  });

  it('leaves a file alone that somebody put where it had made room', () => {
    let seen = 0;
    for (let at = 1; at < 60; at++) {
      const outdir = published(FILES);
      withFault('killed', at, () => bring(outdir, FOLDERS));
      const before = ours(contents(outdir), 'one');
      if (existsSync(join(outdir, 'one/q')) || !existsSync(join(outdir, 'one/.cdkv/journal.json'))) continue;
      seen++;
      fill(outdir, { 'one/q': 'by hand' });
      expect(obstaclesOf(bring(outdir, FOLDERS)).join()).toContain('/one/q" is not a folder, so "q/r/s" cannot be written; move it away');
      expect(ours(contents(outdir), 'one')).toEqual({ ...before, 'one/q': 'by hand' });
    }
    expect(seen).toBeGreaterThan(2);
  });
});

describe('what stands in the way of a publish', () => {
  /** A publish that was interrupted after its first change, in stack one. */
  function interrupted(): {
    readonly outdir: string;
    readonly journal: string;
    readonly edit: (change: (journal: Journal) => void) => void;
  } {
    const outdir = published();
    const journal = join(outdir, 'one/.cdkv/journal.json');
    const { rename } = disk;
    vi.spyOn(disk, 'rename').mockImplementation((from, to) => {
      rename(from, to);
      if (!existsSync(join(outdir, 'one/gone/deep/f'))) throw new Error('killed');
    });
    expect(() => bring(outdir, NEXT)).toThrow(HalfPublishedError);
    vi.restoreAllMocks();
    const edit = (change: (journal: Journal) => void) => {
      const read = JSON.parse(readFileSync(journal, 'utf8')) as Journal;
      change(read);
      writeFileSync(journal, JSON.stringify(read));
    };
    return { outdir, journal, edit };
  }

  interface Journal {
    folders: string[];
    owner: { host: string; pid: number; started: number; thread: number };
    operations: { path: string; before: string | null; after: string | null }[];
  }

  /** A process that is alive as long as this one. */
  const ALIVE = { host: hostname(), pid: process.ppid, started: 0, thread: 0 };

  it('is a publish that is under way, for a while', () => {
    const { outdir, edit } = interrupted();
    edit((journal) => {
      journal.owner = ALIVE;
    });
    const before = ofOne(outdir);
    const from = Date.now();
    expect(obstaclesOf(bring(outdir, NEXT, true, 100)).join()).toMatch(
      new RegExp(`^process ${process.ppid} is publishing into ".*/one"; wait for it, or end it, and synthesise again$`),
    );
    expect(Date.now() - from).toBeGreaterThan(90);
    expect(ofOne(outdir)).toEqual(before);
  });

  it('is not a process that bears the number of one that ended', () => {
    const { outdir, edit } = interrupted();
    edit((journal) => {
      journal.owner = { ...ALIVE, started: 1 };
    });
    expect(obstaclesOf(bring(outdir, NEXT))).toEqual([]);
    expectPublished(outdir, NEXT);
  });

  it('is who completes it already', () => {
    const { outdir } = interrupted();
    const claim = (number: number, owner: object) => fill(outdir, { [`one/.cdkv/claim-${number}/owner.json`]: JSON.stringify(owner) });
    claim(1, { ...ALIVE, started: 1 });
    claim(2, ALIVE);
    expect(obstaclesOf(bring(outdir, NEXT, false, 100)).join()).toContain(`process ${process.ppid} is publishing`);
    claim(2, { ...ALIVE, started: 1 });
    expect(obstaclesOf(bring(outdir, NEXT))).toEqual([]);
    expectPublished(outdir, NEXT);
  });

  it('is who completes it in a folder beside it', () => {
    const { outdir } = interrupted();
    const before = ofOne(outdir);
    fill(outdir, { 'two/.cdkv/claim-1/owner.json': JSON.stringify(ALIVE) });
    for (const version of [NEXT, { one: NEXT.one ?? {} }])
      expect(obstaclesOf(bring(outdir, version, true, 50))).toEqual([expect.stringMatching(/is publishing into ".*\/two"; wait for it/)]);
    expect(ofOne(outdir)).toEqual(before);
    fill(outdir, { 'two/.cdkv/claim-1/owner.json': JSON.stringify({ ...ALIVE, started: 1 }) });
    expect(obstaclesOf(bring(outdir, NEXT))).toEqual([]);
    expectPublished(outdir, NEXT);
  });

  it('is a link in the place of a folder beside it', () => {
    const { outdir } = interrupted();
    const elsewhere = join(temporary(), 'two');
    renameSync(join(outdir, 'two'), elsewhere);
    symlinkSync(elsewhere, join(outdir, 'two'));
    const [before, there] = [ofOne(outdir), contents(elsewhere)];
    for (const version of [NEXT, { one: NEXT.one ?? {} }])
      expect(obstaclesOf(bring(outdir, version, true))).toEqual([expect.stringMatching(/"[^"]*\/two" is a symbolic link/)]);
    expect([ofOne(outdir), contents(elsewhere)]).toEqual([before, there]);
  });

  it('is not another publish in a folder that stood beside it', () => {
    const { outdir } = interrupted();
    // As when the folder was put back from a copy.
    const journal = join(outdir, 'two/.cdkv/journal.json');
    writeFileSync(journal, readFileSync(journal, 'utf8').replace(/"id":"[^"]*"/, '"id":"another"'));
    expect(obstaclesOf(bring(outdir, { one: NEXT.one ?? {} }))).toEqual([]);
    expect(ours(contents(outdir), 'one')).toEqual(filesOfStack(NEXT, 'one'));
    expect(existsSync(journal)).toBe(true);
  });

  it.each([['../elsewhere'], ['.'], [''], ['a/b'], [7]])('is a journal whose publish is of the folder %j', (name) => {
    const { outdir, edit } = interrupted();
    edit(({ folders }) => folders.push(name as string));
    const before = ofOne(outdir);
    expect(obstaclesOf(bring(outdir, NEXT, true))[0]).toMatch(/journal.json" is no journal, so no publish made it; move ".*" away$/);
    expect(ofOne(outdir)).toEqual(before);
  });

  it('is a publish of another host, unless forced', () => {
    const { outdir, edit } = interrupted();
    edit((journal) => {
      journal.owner = { host: 'elsewhere', pid: 7, started: 0, thread: 0 };
    });
    expect(obstaclesOf(bring(outdir, NEXT)).join()).toMatch(/by process 7 of host "elsewhere" has not ended; .*--force/);
    expect(obstaclesOf(bring(outdir, NEXT, true))).toEqual([]);
    expectPublished(outdir, NEXT);
  });

  it.each(['../../precious', '/etc/passwd', 'b/../../precious', '.vagrant/machines/vm/id', '.cdkv/journal.json', ''])(
    'is a journal that names %j',
    (path) => {
      const { outdir, edit } = interrupted();
      fill(outdir, { precious: 'precious' });
      edit(({ operations }) => operations.push({ path, before: null, after: null }));
      const before = ofOne(outdir);
      expect(obstaclesOf(bring(outdir, NEXT, true))[0]).toContain(
        `names ${JSON.stringify(path)}, which no app may write, so no publish made it; move "`,
      );
      expect(ofOne(outdir)).toEqual(before);
    },
  );

  it.each([
    ['is no JSON', '{"version": 1'],
    ['is no journal', '{}'],
    ['is no journal', 'null'],
    ['is no journal', '{"version": 1, "id": "x", "owner": {"host": "h", "pid": -1}, "operations": []}'],
  ])('is a journal that %s: %s', (why, text) => {
    const { outdir, journal } = interrupted();
    writeFileSync(journal, text);
    const before = ofOne(outdir);
    expect(obstaclesOf(bring(outdir, NEXT, true))[0]).toMatch(
      new RegExp(`journal.json" ${why}, so no publish made it; move ".*/one/.cdkv" away$`),
    );
    expect(ofOne(outdir)).toEqual(before);
  });

  it('is a link in the place of the journal, or of its folder', () => {
    for (const path of ['one/.cdkv', 'one/.cdkv/journal.json']) {
      const { outdir } = interrupted();
      const elsewhere = join(temporary(), 'moved');
      renameSync(join(outdir, path), elsewhere);
      symlinkSync(elsewhere, join(outdir, path));
      expect(obstaclesOf(bring(outdir, NEXT, true))[0]).toMatch(/is not a (folder|file), so no publish made it; move/);
    }
  });

  it('is a folder of somebody else with that name', () => {
    const outdir = fill(published(), { 'one/.cdkv/mine': 'mine' });
    expect(obstaclesOf(bring(outdir, NEXT, true))[0]).toMatch(
      /journal.json" is missing, so no publish made it; move ".*\/one\/.cdkv" away/,
    );
    expect(contents(outdir)).toMatchObject({ 'one/.cdkv/mine': 'mine', 'one/a': 'A\n' });
  });

  it('is a link on the way of what is to be completed', () => {
    const { outdir } = interrupted();
    const elsewhere = fill(temporary(), { e: 'E of another' });
    rmSync(join(outdir, 'one/b'), { recursive: true });
    symlinkSync(elsewhere, join(outdir, 'one/b'));
    expect(obstaclesOf(bring(outdir, NEXT, true)).join()).toContain(
      '"b" is a symbolic link, so "b/e" would leave the output folder; remove the link',
    );
    expect(contents(elsewhere)).toEqual({ e: 'E of another' });
  });

  it('is a staged file that is not what was staged', () => {
    const { outdir } = interrupted();
    fill(outdir, { 'one/.cdkv/1': 'something else' });
    expect(obstaclesOf(bring(outdir, NEXT, true)).join()).toMatch(/\/1" is not what the publish put there; move ".*" away/);
  });

  it('is not what was staged by somebody who ended, and that is removed', () => {
    const outdir = published();
    const [mine, foreign] = [draftName(), '.cdkv-mine'];
    const alive = mine.replace(/^(\.cdkv-[0-9a-f]+)-\d+-\d+/, `$1-${process.ppid}-0`);
    fill(outdir, { [`one/${mine}/0`]: 'staged', [`one/${alive}/0`]: 'staged', [`one/${foreign}/0`]: 'mine' });
    expect(obstaclesOf(bring(outdir, OLD))).toEqual([]);
    expect(readdirSync(join(outdir, 'one')).filter((name) => name.startsWith('.cdkv'))).toEqual([alive, foreign].sort());
  });

  it('is not an empty folder', () => {
    const outdir = published();
    mkdirSync(join(outdir, 'one/.cdkv'));
    expect(obstaclesOf(bring(outdir, NEXT))).toEqual([]);
    expectPublished(outdir, NEXT);
  });

  it('leaves the folder as it was when there was none', () => {
    const outdir = join(temporary(), 'new/out');
    for (let at = 2; at < 8; at++) {
      withFault('ENOSPC', at, () => bring(outdir, NEXT));
      expect(existsSync(join(outdir, '..'))).toBe(false);
    }
    expect(obstaclesOf(bring(outdir, NEXT))).toEqual([]);
    expect(statSync(outdir).isDirectory()).toBe(true);
  });
});

describe("the first publish of an app's only stack", () => {
  const FIRST: Version = { one: { a: 'A\n', 'b/c/d': 'D\n', 'b/e': 'E\n' } };
  const MINE = { 'notes.txt': 'mine' };
  const empty = () => join(fill(temporary(), MINE), 'new/out');
  const changes = countOf(() => bring(empty(), FIRST));

  it('comes there whole, by one rename', () => {
    const outdir = empty();
    let seen = 0;
    onChange(() => {
      if (existsSync(join(outdir, 'one'))) seen++;
    });
    expect(bring(outdir, FIRST)).toMatchObject([{ write: { length: 4 }, remove: [], obstacles: [] }]);
    expect(seen).toBe(0);
    expect(contents(outdir)).toEqual(filesOf(FIRST));
    expect(drafts(outdir)).toEqual([]);
    expect(changes).toBe(9);
  });

  it.each(['killed', 'torn'] as const)('that is %s at any change has made nothing, and leaves nothing after the next', (fault) => {
    for (let at = 1; at <= changes; at++) {
      const outdir = empty();
      // A process that is killed cleans nothing up.
      withFault(fault, at, () => bring(outdir, FIRST));
      expect(existsSync(join(outdir, 'one')), `${fault} at ${at}`).toBe(false);
      expect(obstaclesOf(bring(outdir, FIRST))).toEqual([]);
      expect(contents(outdir)).toEqual(filesOf(FIRST));
      expect(drafts(outdir)).toEqual([]);
      expect(contents(join(outdir, '../..'))).toMatchObject(MINE);
    }
  });

  it.each(['ENOSPC', 'EACCES'] as const)('that meets %s at any change leaves nothing', (fault) => {
    for (let at = 1; at <= changes; at++) {
      const outdir = empty();
      const { result } = withFault(fault, at, () => bring(outdir, FIRST));
      const remedy = fault === 'ENOSPC' ? /no room is left \(.*\); make room/ : /the right to write is missing \(.*\); grant it/;
      expect(obstaclesOf(result as PublishPlan[]).join(), `${fault} at ${at}`).toMatch(remedy);
      expect(readdirSync(join(outdir, '../..'))).toEqual(['notes.txt']);
    }
  });

  it('gives way to one that came first', () => {
    const outdir = empty();
    let raced = false;
    onChange(() => {
      const draft = existsSync(outdir) && readdirSync(outdir)[0];
      if (raced || !draft || !existsSync(join(outdir, draft, 'manifest.json'))) return;
      raced = true;
      bring(outdir, { one: { a: 'of another\n' } });
    });
    expect(obstaclesOf(bring(outdir, FIRST))).toEqual([]);
    expect(raced).toBe(true);
    expect(contents(outdir)).toEqual(filesOf(FIRST));
    expect(drafts(outdir)).toEqual([]);
  });

  it('touches nothing that somebody puts in its place', () => {
    const outdir = empty();
    let done = false;
    onChange(() => {
      const draft = existsSync(outdir) && readdirSync(outdir)[0];
      if (done || !draft || !existsSync(join(outdir, draft, 'manifest.json'))) return;
      done = true;
      fill(outdir, { 'one/a': 'by hand' });
    });
    expect(obstaclesOf(bring(outdir, FIRST)).join()).toContain('was not written by this app');
    expect(contents(outdir)).toEqual({ 'one/a': 'by hand' });
  });
});
