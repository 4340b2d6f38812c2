import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  alternates,
  carriesLoad,
  changesOnlyWhatChanged,
  clusterIsWhole,
  comesBack,
  drills,
  failsOver,
  joinerAloneFails,
  keepsSecrets,
  loadsByCommand,
  membersReturn,
  paperWay,
  provisionsIdempotently,
  statisticsAndErrors,
  survivesKills,
} from './checks.js';
import { turnsTo } from './networks.js';
import {
  CheckFailed,
  cleanUp,
  expect,
  makeProject,
  must,
  PROJECT,
  prepareBox,
  prepareKey,
  runToItsEnd,
  say,
  type VagrantRun,
  vagrant,
  WORK,
} from './rig.js';
import { settled } from './system.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** The machines' box: debian12, with LXD, or debian13, with Incus. */
    box: { type: 'string', default: 'debian12' },
    /** Leaves the machines for a look. */
    keep: { type: 'boolean' },
    /** Uses the machines that an earlier run with --keep left, and only runs these checks, e.g. --only load,failover. */
    only: { type: 'string' },
    /** Leaves these checks out, e.g. --skip change,back. */
    skip: { type: 'string', default: '' },
    /** Seconds over which the load's connections are opened. */
    ramp: { type: 'string', default: '1' },
    /** Of `network`: these ways from machine to machine, one after the other on the same machines, e.g. --network vxlan,macvlan. */
    network: { type: 'string', default: 'vxlan,bridged,macvlan,published' },
  },
});
const [kind = 'smoke'] = positionals;

/** What the undisturbed `up` came to, for checks that compare with it. */
const MEASURED = join(WORK, 'measured.json');
const measured = () => JSON.parse(readFileSync(MEASURED, 'utf8')) as { readonly stage: number; readonly undisturbed: string };

const CHECKS: Readonly<Record<string, () => Promise<void>>> = {
  cluster: clusterIsWhole,
  balancing: alternates,
  failover: failsOver,
  statistics: statisticsAndErrors,
  drill: drills,
  load: () => carriesLoad(Number(values.ramp)),
  'load-command': loadsByCommand,
  provision: provisionsIdempotently,
  secrets: keepsSecrets,
  members: membersReturn,
  change: changesOnlyWhatChanged,
  paper: isFaster,
  back: comesBack,
  kills: endsTheSameAfterKills,
};
const SMOKE = ['cluster', 'balancing', 'statistics', 'failover', 'drill', 'load', 'load-command', 'provision', 'secrets'];

/** The seconds that the container stage took: from the first command about a container to the last container serving. */
function containerStage({ pieces }: VagrantRun): number {
  const begin = pieces.find(({ text }) => /\[3\/\d+\] (Image|Software|Container)/.test(text));
  const ends = pieces.filter(({ text }) => /, containers: \d+ changes?/.test(text));
  if (begin === undefined || ends.length === 0) throw new CheckFailed('the output does not tell when the container stage was');
  return Math.round((ends.at(-1)?.at ?? 0) - begin.at);
}

/** Runs the checks of these names; a failed one does not keep the others from telling what they find. */
async function runChecks(names: readonly string[]): Promise<void> {
  const skipped = values.skip.split(',').filter(Boolean);
  const unknown = [...names, ...skipped].filter((name) => CHECKS[name] === undefined);
  if (unknown.length > 0) throw new Error(`no check "${unknown.join(', ')}"; there are ${Object.keys(CHECKS).join(', ')}`);
  const failures: string[] = [];
  for (const name of names.filter((one) => !skipped.includes(one))) {
    try {
      await CHECKS[name]?.();
    } catch (error) {
      if (!(error instanceof CheckFailed)) throw error;
      say(`FAILED: ${error.message}`);
      failures.push(name);
    }
  }
  if (failures.length > 0) throw new CheckFailed(`of the checks: ${failures.join(', ')}`);
}

/** Turns the machines from one network to the next, and tries each. With --only (its value does not matter) on machines that are there. */
async function runNetworks(): Promise<void> {
  for (const way of values.network.split(',')) await turnsTo(way);
}

async function main(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('this needs root: it installs packages and starts virtual machines');
  await must(join(PROJECT, 'test/e2e/rig/host-up'), []);
  await prepareKey();
  await prepareBox(values.box);
  await must(join(PROJECT, 'test/e2e/rig/make-container-image'), [join(WORK, 'image')]);
  say('host, box and container image are ready');
  if (kind === 'network' && values.only !== undefined) {
    await runNetworks();
    return;
  }
  if (values.only !== undefined) {
    await runChecks(values.only.split(','));
    return;
  }
  await cleanUp(); // also what a killed run left
  await makeProject();
  if (kind === 'full') {
    await joinerAloneFails();
    await cleanUp();
  }
  say('1 and 3. one unattended vagrant up from nothing');
  const up = await vagrant(['up']);
  expect(up.code === 0, `vagrant up from nothing in ${up.seconds} s`);
  const stage = containerStage(up);
  say(`  container stage: ${stage} s`);
  writeFileSync(MEASURED, JSON.stringify({ stage, undisturbed: await settled(60) }));
  if (kind === 'network') {
    await runNetworks();
    return;
  }
  await runChecks(kind === 'full' ? Object.keys(CHECKS) : SMOKE);
}

/** 12: the container stage of the undisturbed `up` against the paper's way of making one container, five times. */
async function isFaster(): Promise<void> {
  const { stage } = measured();
  const paper = await paperWay();
  say(`  the paper's way takes ${Math.round(paper)} s a container, so ${Math.round(paper * 5)} s for five; ours took ${stage} s for five`);
  expect((paper * 5) / stage >= 4, `the container stage is ${((paper * 5) / stage).toFixed(1)} times faster`);
}

/** 8: from nothing again, so it comes last. */
async function endsTheSameAfterKills(): Promise<void> {
  await cleanUp();
  const disturbed = await survivesKills();
  const { undisturbed } = measured();
  if (disturbed !== undisturbed) say(`after the kills:\n${disturbed}\nundisturbed:\n${undisturbed}`);
  expect(disturbed === undisturbed, 'the end state after three kills is the one of an undisturbed run');
}

await runToItsEnd(main, values.keep || values.only !== undefined);
