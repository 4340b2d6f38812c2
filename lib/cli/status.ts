import { setTimeout as pause } from 'node:timers/promises';
import { type Status, statusOf } from '../running/index.js';
import { assembleApp } from './app-process.js';
import { type Command, CommandFailed } from './command.js';
import { paint } from './paint.js';

/** Seconds from one look to the next. */
const WATCH_SECONDS = 5;

/** `cdkv status` */
export const status: Command = async ({ options, app }) => {
  const { stacks } = await assembleApp({ ...app(), origins: false });
  for (;;) {
    let all: Status[];
    try {
      all = await Promise.all(stacks.map(statusOf));
    } catch (error) {
      throw new CommandFailed((error as Error).message);
    }
    if (options.watch && process.stdout.isTTY) process.stdout.write('\x1b[2J\x1b[H');
    process.stdout.write(options.json ? `${JSON.stringify(all, undefined, options.watch ? 0 : 2)}\n` : all.map(asText).join('\n'));
    if (!options.watch) return all.some(({ troubles }) => troubles.length > 0) || all.some((one) => !isWell(one)) ? 1 : 0;
    await pause(WATCH_SECONDS * 1000);
  }
};

/** Whether all that is there does what it is there for. */
function isWell({ machines, members, containers, servers }: Status): boolean {
  return (
    machines.every(({ state }) => state === 'running') &&
    members.every((one) => one.status === 'Online') &&
    containers.every((one) => one.status === 'Running') &&
    servers.every((one) => one.status.startsWith('UP'))
  );
}

function asText({ stack, machines, members, containers, servers, troubles }: Status): string {
  const mark = (text: string, well: boolean) => paint(well ? 'green' : 'red', text);
  const machine = machines.map(({ name, provider, state }) => {
    const member = members.find((one) => one.name === name);
    const inside = containers
      .filter((one) => one.member === name)
      .map((one) => `${one.name} ${mark(one.status, one.status === 'Running')}`);
    const role = member === undefined ? '' : `, member ${mark(member.status, member.status === 'Online')}`;
    return `  ${name}: ${mark(state, state === 'running')}${provider === '' ? '' : ` (${provider})`}${role}${inside.length === 0 ? '' : `: ${inside.join(', ')}`}`;
  });
  const server = servers.map(({ backend, server: name, status: state, isBackup, current, queued, total, responses: [, , , , failed] }) => {
    const role = isBackup ? 'backup' : 'primary';
    return `  ${backend}/${name} (${role}): ${mark(state, state.startsWith('UP'))}, ${total} requests, ${current} now, ${queued} queued, ${failed} errors`;
  });
  return [paint('bold', stack), ...machine, ...server, ...troubles.map((trouble) => paint('yellow', trouble)), ''].join('\n');
}
