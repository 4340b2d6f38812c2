import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { IConstruct } from 'constructs';
import { afterAll, expect, it, vi } from 'vitest';
import { Annotations, App, type Diagnostic, Site, Stack, SynthesisError, type SynthesisResult } from '../lib/index.js';
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
  /** `elsewhere`: the construct is the stack, which this file makes. */
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

/** Two tests for each warning: it is told, and it can be acknowledged. */
export function itWarns(file: string, rows: readonly Finding[]): void {
  for (const row of rows) {
    it(`warns: ${row.id}${row.when === undefined ? '' : `, ${row.when}`}`, () => {
      const { warnings, printed } = stackOf(row.build);
      expect(idsOf(warnings)).toEqual(new Set([row.id, ...(row.also ?? [])]));
      expectFinding(file, row, warnings);
      expect(printed).toContain(`warning [${row.id}]`);

      const acknowledged = stackOf((stack) => {
        row.build(stack);
        const construct = row.path
          .split('/')
          .slice(1)
          .reduce<IConstruct>((scope, id) => scope.node.findChild(id), stack);
        Annotations.of(construct).acknowledge(row.id, 'the test says so');
      });
      expect(idsOf(acknowledged.warnings)).toEqual(new Set(row.also ?? []));
      expect(acknowledged.printed).not.toContain(row.id);
    });
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

/** Expects a user's line to be in this test file, below the nearest line that holds `mark`. */
export function expectLineOf(file: string, mark: string, userLine: string | undefined): void {
  const [, path, line] = /^(.*):(\d+):\d+$/.exec(userLine ?? '') ?? [];
  expect(path, `a line of the test, got ${userLine}`).toBe(fileURLToPath(file));
  const above = readFileSync(fileURLToPath(file), 'utf8').split('\n').slice(0, Number(line));
  expect(
    above.findLast((text) => /^\s+(\{ )?id: '/.test(text)),
    `${userLine} is below`,
  ).toContain(mark);
}

// --- programs ------------------------------------------------------------------------------------------------------------

/** The Debian package of each program that the tests run. */
const PACKAGES: Readonly<Record<string, string>> = {
  bash: 'bash',
  git: 'git',
  haproxy: 'haproxy',
  jq: 'jq',
  nft: 'nftables',
  openssl: 'openssl',
  ruby: 'ruby',
  shellcheck: 'shellcheck',
  shfmt: 'shfmt',
  tar: 'tar',
  unshare: 'util-linux',
  vagrant: 'vagrant vagrant-libvirt',
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
    child.stdout.on('data', (data) => (texts.out += data));
    child.stderr.on('data', (data) => (texts.err += data));
    child.on('error', (error) => reject(absent(program, error)));
    child.on('close', (code) => resolve({ code, ...texts }));
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
