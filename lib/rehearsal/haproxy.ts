import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** It is not installed. The message has the command that installs it. */
export class HaproxyMissing extends Error {
  public constructor() {
    const command = process.platform === 'darwin' ? 'brew install haproxy' : 'sudo apt install haproxy';
    super(`HAProxy is not on this machine; install it: ${command}`);
    this.name = 'HaproxyMissing';
  }
}

/** It did not start; the message is what it said. */
export class HaproxyRefused extends Error {}

/** Where Debian has it, which is not in everybody's PATH, and Homebrew. */
const MORE_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/opt/homebrew/bin', '/usr/local/bin'];

/**
 * Runs a program until standard input ends, which it does when this process is gone, however that came. Then nobody is left to
 * tell the program to end, so it is killed.
 */
const KEEPER = `exec 3<&0
"$@" </dev/null 3<&- &
child=$!
{ while read -r _; do :; done; kill -KILL "$child"; } <&3 >/dev/null 2>&1 &
keeper=$!
exec 3<&-
wait "$child"
code=$?
kill "$keeper" 2>/dev/null
exit "$code"
`;

/** @throws HaproxyMissing */
export function findHaproxy(): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...MORE_FOLDERS];
  const program = folders.map((folder) => join(folder, 'haproxy')).find(existsSync);
  if (program === undefined) throw new HaproxyMissing();
  return program;
}

/** How much of what it says is kept. */
const TAIL = 16_384;

/** A HAProxy process of this one's own: it ends with this one, even by SIGKILL. */
export class Haproxy {
  /**
   * Starts it, and returns when it serves.
   *
   * @param files its configuration, in order
   * @param socket path of the admin socket that they name
   * @throws HaproxyMissing, or HaproxyRefused
   */
  public static async start(files: readonly string[], socket: string, env: Readonly<Record<string, string>>): Promise<Haproxy> {
    const words = [findHaproxy(), '-db', ...files.flatMap((file) => ['-f', file])];
    // In a group of its own: what Ctrl-C sends is for this process, which ends that one in its turn.
    const keeper = spawn('/bin/sh', ['-c', KEEPER, 'sh', ...words], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: true,
    });
    const haproxy = new Haproxy(keeper, socket);
    for (let ready = false; !ready; ) {
      await Promise.race([pause(5), haproxy.ended]);
      if (keeper.exitCode !== null || keeper.signalCode !== null) throw new HaproxyRefused(await haproxy.ended);
      ready = await haproxy.ask('show info').then(
        () => true,
        () => false,
      );
    }
    return haproxy;
  }

  /** Resolves when it has ended, with what it said. */
  public readonly ended: Promise<string>;
  private said = '';

  private constructor(
    private readonly keeper: ChildProcess,
    private readonly socket: string,
  ) {
    keeper.stdin?.on('error', () => {});
    keeper.stderr?.on('data', (data: Buffer) => {
      this.said = `${this.said}${data.toString()}`.slice(-TAIL);
    });
    this.ended = new Promise((done) => {
      keeper.once('error', (error) => done(error.message));
      keeper.once('close', () => done(this.said));
    });
  }

  /** Gives a command to its admin socket. @returns what it answers */
  public async ask(command: string): Promise<string> {
    const socket = connect(this.socket);
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString();
    });
    socket.setTimeout(5000, () => socket.destroy(new Error('HAProxy does not answer')));
    socket.write(`${command}\n`);
    await once(socket, 'close');
    return answer;
  }

  public async close(): Promise<void> {
    this.keeper.stdin?.end();
    await this.ended;
  }
}
