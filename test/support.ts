import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { IConstruct } from 'constructs';
import { afterAll, expect, it, vi } from 'vitest';
import { Annotations, App, type Diagnostic, type Rule, Rules, Site, Stack, SynthesisError, type SynthesisResult } from '../lib/index.js';
import { Cluster, type ClusterProps } from '../lib/lxd/index.js';
import { WebBackend, type WebBackendProps } from '../lib/web/index.js';

/** The repository. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

const folders: string[] = [];

/** A folder of its own, removed when the file's tests are done. */
export function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cdkv-'));
  folders.push(folder);
  return folder;
}

/** To be called once in a test file that uses `temporary`. */
export function removeTemporaries(): void {
  afterAll(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
}

/** Writes files, by path below the folder. */
export function fill(folder: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** All files below a folder with their content, by path with `/`. */
export function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/')).sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'latin1')]));
}

// --- trees ---------------------------------------------------------------------------------------------------------------

export const PAGE = Site.html('<p>page</p>\n');

/** A cluster of the machines m1, m2 and m3, at 192.168.56.11 to .13. */
export function aCluster(stack: Stack, props: ClusterProps = {}) {
  const cluster = new Cluster(stack, 'Cluster', props);
  const add = (number: number) => cluster.addMember(`m${number}`, { address: `192.168.56.${10 + number}` });
  return { cluster, m1: add(1), m2: add(2), m3: add(3) };
}

/** Such a cluster, and a backend `web` of the servers web2 on m2 and web3 on m3. */
export function aSite(stack: Stack, props: WebBackendProps = {}, clusterProps: ClusterProps = {}) {
  const made = aCluster(stack, clusterProps);
  const web = new WebBackend(stack, 'web', props);
  web.addServer('web2', { on: made.m2, site: PAGE });
  web.addServer('web3', { on: made.m3, site: PAGE });
  return { ...made, web };
}

export interface Synthesised extends SynthesisResult {
  /** What stands in the output folder. */
  readonly files: Record<string, string>;
  /** What a person would have read. */
  readonly printed: string;
}

/** Runs a synthesis without its warnings in the way. */
export function synth(app: App): Synthesised {
  const spy = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const result = app.synth();
    return { ...result, files: contents(result.outdir), printed: spy.mock.calls.map(([text]) => String(text)).join('') };
  } finally {
    spy.mockRestore();
  }
}

/** Synthesises an app of one stack, `s`. */
export function stackOf(build: (stack: Stack) => void): Synthesised & { readonly folder: string } {
  const app = new App({ outdir: join(temporary(), 'out') });
  build(new Stack(app, 's'));
  return { ...synth(app), folder: join(app.outdir, 's') };
}

/** What the synthesis complained of. It must have refused, and written nothing. */
export function errorsOf(app: { synth(): unknown; readonly outdir: string }): readonly Diagnostic[] {
  let error: unknown;
  try {
    app.synth();
  } catch (thrown) {
    error = thrown;
  }
  expect(error, 'the synthesis should have refused').toBeInstanceOf(SynthesisError);
  expect(existsSync(app.outdir), 'nothing should have been written').toBe(false);
  return (error as SynthesisError).diagnostics;
}

/** A finding, what provokes it, and how it must read. */
export interface Finding {
  readonly id: string;
  /** What is special here, when an id has more than one row. */
  readonly when?: string;
  /** Path of the construct; the stack is `s`. */
  readonly path: string;
  /** Parts of the message: the value, the remedy. */
  readonly says: readonly string[];
  /** Findings that come with it. */
  readonly also?: readonly string[];
  readonly build: (stack: Stack) => unknown;
  /** Trees nearby that provoke it not, by what they are. */
  readonly spares?: Readonly<Record<string, (stack: Stack) => unknown>>;
  /** `elsewhere`: the construct is made by this file, as the stack is. */
  readonly line?: 'elsewhere';
}

/** One test for each error: refused, nothing written, and a message that helps. */
export function itRefuses(file: string, rows: readonly Finding[]): void {
  for (const row of rows) {
    it(`refuses: ${row.id}${row.when === undefined ? '' : `, ${row.when}`}`, () => {
      const app = new App({ outdir: join(temporary(), 'out') });
      row.build(new Stack(app, 's'));
      const errors = errorsOf(app);
      expect(idsOf(errors)).toEqual(new Set([row.id, ...(row.also ?? [])]));
      expectFinding(file, row, errors);
    });
  }
}

/** Tests for each warning or note: it is told, it can be acknowledged, its rule can be left out, and trees nearby are spared. */
export function itWarns(file: string, rows: readonly Finding[], rules = Rules.recommended()): void {
  for (const row of rows) {
    const { id } = row;
    const name = `${id}${row.when === undefined ? '' : `, ${row.when}`}`;
    const told = (build: Finding['build'], pack: Rules) => {
      const app = new App({ outdir: join(temporary(), 'out'), rules: pack });
      build(new Stack(app, 's'));
      return app.assemble().diagnostics;
    };
    const also = new Set(row.also ?? []);

    it(`warns: ${name}`, () => {
      const app = new App({ outdir: join(temporary(), 'out'), rules });
      row.build(new Stack(app, 's'));
      const { printed } = synth(app);
      const { diagnostics } = app.assemble();
      expect(idsOf(diagnostics)).toEqual(new Set([id, ...also]));
      expectFinding(file, row, diagnostics);
      expect(printed).toContain(`${diagnostics.find((finding) => finding.id === id)?.severity} [${id}]`);
    });

    it(`warns no more: ${name}`, () => {
      const acknowledged = told((stack) => {
        row.build(stack);
        const construct = row.path
          .split('/')
          .slice(1)
          .reduce<IConstruct>((scope, part) => scope.node.findChild(part), stack);
        Annotations.of(construct).acknowledge(id, 'the test says so');
      }, rules);
      expect(idsOf(acknowledged)).toEqual(also);
      const { category } = rules.rules.find((rule) => rule.id === id) as Rule;
      expect(idsOf(told(row.build, rules.without(id)))).toEqual(also);
      expect(idsOf(told(row.build, rules.without(category)))).not.toContain(id);
      expect(told(row.build, Rules.none())).toEqual([]);
    });

    for (const [what, build] of Object.entries(row.spares ?? {})) {
      it(`does not warn: ${name}: ${what}`, () => {
        expect(idsOf(told(build, rules))).not.toContain(id);
      });
    }
  }
}

function idsOf(findings: readonly Diagnostic[]): Set<string> {
  return new Set(findings.map((finding) => finding.id));
}

function expectFinding(file: string, row: Finding, findings: readonly Diagnostic[]): void {
  const finding = findings.find((one) => one.id === row.id && one.path === row.path);
  expect(finding, `a ${row.id} at ${row.path}, among ${JSON.stringify(findings, undefined, 2)}`).toBeDefined();
  for (const part of row.says) expect(finding?.message).toContain(part);
  if (row.line === 'elsewhere') expect(finding?.userLine).toMatch(/test.support\.ts:\d+:\d+$/);
  else expectLineOf(file, `id: '${row.id}'`, finding?.userLine);
}

/** Expects a user's line to be in this test file, in the row that holds `mark`, or in a function above all rows. */
export function expectLineOf(file: string, mark: string, userLine: string | undefined): void {
  const [, path, line] = /^(.*):(\d+):\d+$/.exec(userLine ?? '') ?? [];
  expect(path, `a line of the test, got ${userLine}`).toBe(fileURLToPath(file));
  const above = readFileSync(fileURLToPath(file), 'utf8').split('\n').slice(0, Number(line));
  const row = above.findLast((text) => /^\s+(\{ )?id: '/.test(text));
  if (row !== undefined) expect(row, `${userLine} is below`).toContain(mark);
}

// --- programs ------------------------------------------------------------------------------------------------------------

/** The Debian package of each program that the tests run. */
const PACKAGES: Readonly<Record<string, string>> = {
  bash: 'bash',
  git: 'git',
  haproxy: 'haproxy',
  hey: 'hey',
  jq: 'jq',
  nft: 'nftables',
  openssl: 'openssl',
  ruby: 'ruby',
  shellcheck: 'shellcheck',
  shfmt: 'shfmt',
  tar: 'tar',
  unshare: 'util-linux',
  vagrant: 'vagrant vagrant-libvirt',
  xmllint: 'libxml2-utils',
};

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
}

export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end. A missing one fails the test, with the package to install. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Run {
  const { status, stdout, stderr, error } = spawnSync(program, args, { ...options, env: environment(options), encoding: 'utf8' });
  if (error !== undefined) throw absent(program, error);
  return { code: status, out: stdout, err: stderr };
}

/** Like `run`, but several may run at once. */
export function start(program: string, args: readonly string[], options: RunOptions = {}): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: environment(options) });
    const texts = { out: '', err: '' };
    child.stdout.setEncoding('utf8');
    child.stderr.setEncoding('utf8');
    child.stdout.on('data', (data) => (texts.out += data));
    child.stderr.on('data', (data) => (texts.err += data));
    child.on('error', (error) => reject(absent(program, error)));
    child.on('close', (code) => resolve({ code, ...texts }));
    child.stdin.on('error', () => undefined); // it ended before it had read all
    child.stdin.end(options.input ?? '');
  });
}

/** What a program prints; it must succeed. */
export function output(program: string, args: readonly string[], options: RunOptions = {}): string {
  const { code, out, err } = run(program, args, options);
  expect(code, `${program} ${args.join(' ')}\n${out}${err}`).toBe(0);
  return out;
}

function environment(options: RunOptions): NodeJS.ProcessEnv {
  // haproxy and nft stand where only root looks.
  const path = [process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter);
  const { CDKV_CONTEXT, CDKV_FORCE, CDKV_OUTDIR, NODE_OPTIONS, ...rest } = process.env;
  return { ...rest, PATH: path, ...options.env };
}

function absent(program: string, error: Error): Error {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return error;
  return new Error(`the tests need ${program}, which is not on this machine; install it: apt install ${PACKAGES[program] ?? program}`);
}
