// What every contender is told (`node app.mjs COUNT FOLDER`), and what it tells the bench when it ends: one line of JSON.
import { readFileSync } from 'node:fs';

const [, , number, folder] = process.argv;

/** How many resources to make: one half containers, the other servers. */
export const COUNT = Number(number);
/** How many machines the containers and servers are on. */
export const MACHINES = 100;
/** Where to write. */
export const OUTPUT = folder;

/** The half-open range of the containers, and of the servers, that are on a machine. */
export function placesOn(machine) {
  const half = COUNT / 2;
  return [Math.floor((machine * half) / MACHINES), Math.floor(((machine + 1) * half) / MACHINES)];
}

const marks = {};
let told = {};

/** Notes that a phase ends now. */
export function mark(phase) {
  marks[phase] = performance.now();
}

/** Adds to what the bench is told. */
export function tell(facts) {
  told = { ...told, ...facts };
}

process.on('exit', () => {
  // Not resourceUsage().maxRSS: that is at least what the parent had when it made this process.
  const peakKiB = Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${JSON.stringify({ peakKiB, cpuMs: (user + system) / 1000, marks, ...told })}\n`);
});
