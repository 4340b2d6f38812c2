import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { text } from '../core/index.js';

const run = promisify(execFile);

/** What a command in a machine came to. */
interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What Vagrant knows of a machine, e.g. `running`, `poweroff`, `not_created`. */
export interface MachineState {
  readonly name: string;
  readonly provider: string;
  readonly state: string;
}

/** The machines of a Vagrantfile: Vagrant is asked once how to reach them, then they are asked by plain SSH, over one connection each. */
export class Machines {
  /**
   * @param folder where the Vagrantfile is
   * @param states what Vagrant knows of them, when it was asked already
   * @throws Error when Vagrant is not installed, or none of the machines runs
   */
  public static async of(folder: string, states?: readonly MachineState[]): Promise<Machines> {
    const known = states ?? (await Machines.states(folder));
    const running = known.filter(({ state }) => state === 'running').map(({ name }) => name);
    if (running.length === 0) throw new Error(`no machine of ${folder} runs; bring them up there: vagrant up`);
    const { stdout } = await vagrant(folder, ['ssh-config', ...running]);
    const place = mkdtempSync(join(tmpdir(), 'cdkv-ssh-'));
    const config = join(place, 'config');
    writeFileSync(
      config,
      `${stdout}\nHost *\n  ControlMaster auto\n  ControlPersist 60\n  ControlPath ${join(place, '%C')}\n  ConnectTimeout 15\n`,
    );
    return new Machines(folder, place, new Set(running));
  }

  /** What Vagrant knows of all machines of a Vagrantfile. */
  public static async states(folder: string): Promise<MachineState[]> {
    const { stdout } = await vagrant(folder, ['status', '--machine-readable']);
    const rows = stdout.split('\n').map((line) => line.split(','));
    const told = (what: string) =>
      new Map(rows.filter((row) => row[2] === what && row[1] !== '').map((row) => [row[1] ?? '', row[3] ?? '']));
    const providers = told('provider-name');
    return [...told('state')].map(([name, state]) => ({ name, provider: providers.get(name) ?? '', state }));
  }

  private constructor(
    private readonly folder: string,
    private readonly place: string,
    private readonly reachable: Set<string>,
  ) {}

  public runs(machine: string): boolean {
    return this.reachable.has(machine);
  }

  /** Runs a command of a shell in a machine, as root. */
  public async ask(machine: string, command: string): Promise<Answer> {
    if (!this.reachable.has(machine)) throw new Error(`machine "${machine}" does not run; bring it up: vagrant up ${machine}`);
    const words = ['-F', join(this.place, 'config'), '-o', 'LogLevel=ERROR', machine, `sudo bash -c ${text.sh(command)}`];
    return await new Promise((done, fail) => {
      const child = spawn('ssh', words, { stdio: ['ignore', 'pipe', 'pipe'] });
      let [out, err] = ['', ''];
      child.stdout.on('data', (chunk: Buffer) => {
        out += chunk.toString();
      });
      child.stderr.on('data', (chunk: Buffer) => {
        err += chunk.toString();
      });
      child.on('error', fail);
      child.on('close', (code) => done({ code: code ?? 255, out, err }));
    });
  }

  /**
   * Runs a command that must end well.
   *
   * @throws Error with what it said
   */
  public async tell(machine: string, command: string): Promise<string> {
    const { code, out, err } = await this.ask(machine, command);
    if (code !== 0) throw new Error(`"${command}" on ${machine} ended with ${code}: ${(err || out).trim()}`);
    return out;
  }

  /** Takes the power from a machine, as a failing supply does. */
  public async powerOff(machine: string): Promise<void> {
    await vagrant(this.folder, ['halt', '--force', machine]);
    this.reachable.delete(machine);
  }

  /** Gives it back. The machine comes up by itself; nothing is provisioned. */
  public async powerOn(machine: string): Promise<void> {
    await vagrant(this.folder, ['up', '--no-provision', machine]);
    this.reachable.add(machine);
  }

  /** Ends the connections. */
  public async close(): Promise<void> {
    const config = join(this.place, 'config');
    await Promise.allSettled([...this.reachable].map((machine) => run('ssh', ['-F', config, '-O', 'exit', machine])));
    rmSync(this.place, { recursive: true, force: true });
  }
}

async function vagrant(folder: string, words: readonly string[]): Promise<{ readonly stdout: string }> {
  const env = { ...process.env, VAGRANT_CHECKPOINT_DISABLE: '1', VAGRANT_CWD: undefined, VAGRANT_VAGRANTFILE: undefined };
  try {
    return await run('vagrant', [...words], { cwd: folder, env, maxBuffer: 2 ** 26 });
  } catch (error) {
    const { code, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT') throw new Error('vagrant is not installed, or the stack was not synthesised yet: npx cdkv synth');
    throw new Error(`vagrant ${words.join(' ')} in ${folder} failed: ${(stderr || message).trim()}`);
  }
}
