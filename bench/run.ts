// What a synthesis costs, measured beside bare constructs, cdk8s and the AWS CDK; see RESULTS.md, which a whole run writes.
// `npm run bench -- --rounds 1 --sizes 100` tries a part, and writes nothing.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { goals, type Results } from './goals.js';
import { BENCH, ROOT, watchOthers } from './measure.js';
import { profile } from './profile.js';
import { report } from './report.js';
import { tryPapers, trySize, tryStarts } from './trials.js';

/** Processes of each kind; medians are taken of them. */
const ROUNDS = 9;
const SIZES = [100, 1_000, 10_000];
/** What is short is measured more often. */
const STARTS_A_ROUND = 4;
const SMALLEST_A_ROUND = 3;

const { values } = parseArgs({ options: { rounds: { type: 'string' }, sizes: { type: 'string' } } });
const rounds = Number(values.rounds ?? ROUNDS);
const sizes = values.sizes?.split(',').map(Number) ?? SIZES;
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number, at least 1');
if (!sizes.every((size) => Number.isInteger(size) && size > 0 && size % 2 === 0)) throw new Error('--sizes takes even numbers: 100,1000');
const whole = rounds >= ROUNDS && values.sizes === undefined;

/** Brings node_modules beside this file to its lock file, and dist to the sources. */
function prepare(): void {
  const lock = readFileSync(join(BENCH, 'package-lock.json'), 'utf8');
  const stamp = join(BENCH, 'node_modules/.bench-lock');
  const hash = createHash('sha256').update(lock).digest('hex');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== hash) {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: BENCH, stdio: 'inherit' });
    writeFileSync(stamp, hash);
  }
  const version = (folder: string) => JSON.parse(readFileSync(join(folder, 'node_modules/constructs/package.json'), 'utf8')).version;
  if (version(BENCH) !== version(ROOT)) throw new Error(`bench/package.json is to have constructs ${version(ROOT)}, as the library has`);
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
}

function measure(work: string): Results {
  const say = (what: string) => process.stderr.write(`${new Date().toTimeString().slice(0, 8)} ${what}\n`);
  say('everybody once, unmeasured');
  trySize(sizes[0] as number, 1, work);
  tryStarts(1, work);
  tryPapers(1, work);
  say('starts');
  const starts = tryStarts(rounds * STARTS_A_ROUND, work);
  say("the paper's app");
  const papers = tryPapers(rounds, work);
  const sized = new Map(
    sizes.map((size) => {
      say(`N = ${size}`);
      return [size, trySize(size, size < 1_000 ? rounds * SMALLEST_A_ROUND : rounds, work)] as const;
    }),
  );
  return { sizes: sized, starts, papers };
}

prepare();
/** In memory where that can be: what the disk is about, and what others do to it, is not to be measured. */
const work = mkdtempSync(join(process.env.TMPDIR ?? (existsSync('/dev/shm') ? '/dev/shm' : tmpdir()), 'cdkv-bench-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

const fileSystem = execFileSync('stat', ['-f', '-c', '%T', work], { encoding: 'utf8' }).trim();
const others = watchOthers();
const results = measure(work);
const settings = { rounds, starts: rounds * STARTS_A_ROUND, others: others(), fileSystem };
const text = report(results, profile(sizes.at(-1) as number, work), settings);
process.stdout.write(text);
if (whole) writeFileSync(join(BENCH, 'RESULTS.md'), text);
if (goals(results).some(({ reached }) => !reached)) process.exitCode = 1;
