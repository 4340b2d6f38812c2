import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { dirname, join } from 'node:path';
import { type AssembledStack, originsAt, sourceLine } from '../core/index.js';
import { type Figures, mergeFigures, parseStatistics } from '../measure/index.js';
import type { Disturbance, RunningSystem } from '../trials/index.js';
import { adaptConfiguration, preamble } from './adapt.js';
import { command, listen } from './control.js';
import { controlSocket, findRehearsals, makeFolder, removeFolder } from './folder.js';
import { findHaproxy, Haproxy, HaproxyRefused } from './haproxy.js';
import { freePort } from './ports.js';
import { type Mode, type StubServer, Stubs } from './stubs.js';

/** A server of a rehearsal. */
export interface RehearsedServer {
  readonly name: string;
  readonly backend: string;
  readonly isBackup: boolean;
  /** The machine it would run on, and its address there. */
  readonly machine: string;
  readonly address: string;
  /** Where it is now, as `127.0.0.1:port`. */
  readonly at: string;
}

/** A frontend of a rehearsal. */
export interface RehearsedFrontend {
  readonly name: string;
  /** Its address in the tree. */
  readonly address: string;
  readonly url: string;
  /** Its statistics page, and who may see it. */
  readonly statistics: { readonly url: string; readonly user: string; readonly password: string } | undefined;
}

export interface RehearsalOptions {
  /**
   * Folder of the project, by which other terminals find the rehearsal.
   *
   * @default - the working folder
   */
  readonly project?: string;
}

/** What is used of the properties of the resources. */
interface BalancerProperties {
  readonly configuration: string;
  readonly frontends: readonly string[];
}

interface FrontendProperties {
  readonly address: string;
  readonly publishPort: number;
  readonly statistics?: { readonly uri: string; readonly user: string };
}

interface ServerProperties {
  readonly backend: string;
  readonly role: 'primary' | 'backup';
  readonly container: string | undefined;
  readonly machine: string;
  readonly address: string;
  readonly port: number;
  readonly site: string;
}

interface ContainerProperties {
  readonly address: string;
  readonly publishedPorts: readonly { readonly connect: number }[];
  readonly admittingPorts?: readonly { readonly port: number }[];
}

/**
 * A stack on this host, without a machine: the real HAProxy with the synthesised configuration, and a small web server in the place
 * of each server, which serves its real pages. All of it is on 127.0.0.1, and ends with this process, however that ends.
 *
 * What is not as on the machines: a server that stops, or whose machine loses power, refuses connections (a machine without power
 * answers nothing, so that it takes HAProxy its connect timeout to notice); a balancer beside a server whose machine loses power
 * goes on.
 */
export class Rehearsal implements RunningSystem {
  /**
   * Starts one, and returns when HAProxy serves.
   *
   * @throws HaproxyMissing when it is not installed; Error when it refuses the configuration, or the same stack of the project is
   * being rehearsed already
   */
  public static async start(stack: AssembledStack, options: RehearsalOptions = {}): Promise<Rehearsal> {
    findHaproxy();
    if (!stack.resources().some(({ type }) => type === 'HaproxyFrontend'))
      throw new Error(`stack "${stack.name}" has no frontend, so there is nothing to rehearse; make a HaproxyFrontend`);
    const { project = process.cwd() } = options;
    const other = (await findRehearsals(project)).find((found) => found.stack === stack.name);
    if (other !== undefined) throw new Error(`stack "${stack.name}" is being rehearsed already, by process ${other.pid}; end that first`);
    const rehearsal = new Rehearsal(stack, makeFolder(project, stack.name));
    try {
      await rehearsal.begin();
    } catch (error) {
      await rehearsal.close();
      throw error;
    }
    return rehearsal;
  }

  /**
   * Does something to a server of a rehearsal that another process runs.
   *
   * @param project folder of the project
   * @param stack name of the stack; only where several are being rehearsed it is needed
   * @throws Error when there is none, or it cannot do it
   */
  public static async control(project: string, stack: string | undefined, server: string, disturbance: Disturbance): Promise<void> {
    const running = await findRehearsals(project);
    const found = running.filter((one) => stack === undefined || one.stack === stack);
    const [first, second] = found;
    if (first === undefined) {
      const others = running.length === 0 ? '' : `; there is one of ${running.map((one) => `"${one.stack}"`).join(', ')}`;
      const what = stack === undefined ? 'this project' : `stack "${stack}"`;
      throw new Error(`no rehearsal of ${what} is running${others === '' ? '; start one in another terminal: cdkv rehearse' : others}`);
    }
    if (second !== undefined) throw new Error(`several stacks are being rehearsed; add --stack ${found.map((one) => one.stack).join('|')}`);
    await command(controlSocket(first.folder), { server, disturbance });
  }

  public readonly kind = 'rehearsal';
  public readonly stack: string;
  /** Resolves when HAProxy or a server ended by itself, with the reason. */
  public readonly ended: Promise<string>;
  private readonly haproxies: Haproxy[] = [];
  private stubs: Stubs | undefined;
  private control: Server | undefined;
  private knownServers: readonly RehearsedServer[] = [];
  private knownFrontends: readonly RehearsedFrontend[] = [];
  /** Of servers, and of machines. */
  private readonly modes = new Map<string, Mode>();
  private readonly withoutPower = new Set<string>();
  private fail: (why: string) => void = () => {};
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly assembled: AssembledStack,
    private readonly folder: string,
  ) {
    this.stack = assembled.name;
    this.ended = new Promise((done) => {
      this.fail = (why) => this.closing === undefined && done(why);
    });
    if (folders.size === 0) process.once('exit', removeFolders);
    folders.add(folder);
  }

  public get servers(): readonly RehearsedServer[] {
    return this.knownServers;
  }

  public get frontends(): readonly RehearsedFrontend[] {
    return this.knownFrontends;
  }

  public get urls(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.knownFrontends.map(({ name, url }) => [name, url]));
  }

  public async disturb(server: string, disturbance: Disturbance): Promise<void> {
    const found = this.knownServers.find(({ name }) => name === server);
    if (found === undefined || this.stubs === undefined) {
      const names = this.knownServers.map(({ name }) => name).join(', ');
      throw new Error(`there is no server ${JSON.stringify(server)} in stack "${this.stack}"; there are: ${names}`);
    }
    if (disturbance === 'powerOff') this.withoutPower.add(found.machine);
    else {
      this.modes.set(server, disturbance);
      if (disturbance === 'restore') this.withoutPower.delete(found.machine);
    }
    const now = this.knownServers.map(({ name, machine }) => {
      return [name, this.withoutPower.has(machine) ? 'stop' : (this.modes.get(name) ?? 'restore')] as const;
    });
    await this.stubs.set(Object.fromEntries(now));
  }

  public async figures(): Promise<Figures> {
    return mergeFigures(await Promise.all(this.haproxies.map(async (haproxy) => parseStatistics(await haproxy.ask('show stat')))));
  }

  public async versions(): Promise<Readonly<Record<string, string>>> {
    const info = (await this.haproxies[0]?.ask('show info')) ?? '';
    return { haproxy: /^Version: ([\d.]+)/m.exec(info)?.[1] ?? 'unknown', node: process.versions.node };
  }

  /** Ends all of it; nothing is left. */
  public close(): Promise<void> {
    this.closing ??= (async () => {
      this.control?.close();
      await Promise.all([...this.haproxies.map((haproxy) => haproxy.close()), this.stubs?.close()]);
      removeFolder(this.folder);
      folders.delete(this.folder);
      if (folders.size === 0) process.off('exit', removeFolders);
    })();
    return this.closing;
  }

  private async begin(): Promise<void> {
    let ready: () => void = () => {};
    const begun = new Promise<void>((done) => {
      ready = done;
    });
    this.control = await listen(controlSocket(this.folder), async ({ server, disturbance }) => {
      await begun;
      await this.disturb(server, disturbance);
    });
    const password = randomBytes(9).toString('base64url');
    const [hash] = await Promise.all([hashOf(password), this.startStubs()]);
    let number = 0;
    for (const { properties } of this.resources<BalancerProperties>('HaproxyBalancer')) {
      await this.startHaproxy(properties, ++number, password, hash);
    }
    ready();
  }

  private async startStubs(): Promise<void> {
    const found = this.resources<ServerProperties>('WebServer');
    const servers = found.map(({ name, properties: { port, site } }): StubServer => {
      const files = this.assembled.files.filter(({ path }) => path.startsWith(`${site}/`));
      return { name, port, pages: Object.fromEntries(files.map(({ path, content }) => [path.slice(site.length + 1), content])) };
    });
    const stubs = await Stubs.start(servers);
    this.stubs = stubs;
    stubs.ended.then(this.fail);
    this.knownServers = found.map(({ name, properties: { backend, role, machine, address, port } }) => {
      const at = `127.0.0.1:${stubs.ports[name]}`;
      return { name, backend, isBackup: role === 'backup', machine, address: `${address}:${port}`, at };
    });
  }

  private async startHaproxy(balancer: BalancerProperties, number: number, password: string, hash: string | undefined): Promise<void> {
    const { configuration } = balancer;
    const frontends = this.resources<FrontendProperties>('HaproxyFrontend').filter(({ name }) => balancer.frontends.includes(name));
    const socket = join(this.folder, `haproxy${number}.sock`);
    const files = [join(this.folder, `rehearsal${number}.cfg`), join(this.folder, configuration)] as const;
    for (const { path, content } of this.assembled.files) if (path.startsWith('pages/')) this.write(path, content);
    this.write(`rehearsal${number}.cfg`, preamble(socket));
    const original = Buffer.from(this.assembled.files.find(({ path }) => path === configuration)?.content ?? '').toString();

    const ports = new Map<string, number>();
    for (let tries = 0; ; tries++) {
      for (const { name, properties } of frontends) {
        ports.set(
          name,
          await freePort(
            ports.get(name) ?? properties.publishPort,
            [...ports].filter(([of]) => of !== name).map(([, port]) => port),
          ),
        );
      }
      const binds = Object.fromEntries([...ports].map(([name, port]) => [name, `127.0.0.1:${port}`]));
      const servers = Object.fromEntries(this.knownServers.map(({ name, at }) => [name, at]));
      const { text, bound, secrets } = adaptConfiguration(
        original,
        { frontends: binds, servers },
        process.getuid?.() === 0,
        hash !== undefined,
      );
      const unbound = frontends.filter(({ name }) => !bound.includes(name));
      if (unbound.length > 0) {
        const names = unbound.map(({ name }) => `"${name}"`).join(', ');
        throw new Error(`raw text took the place of the bind of ${names}, so its port on this host is not known; append to it instead`);
      }
      this.write(configuration, text);
      try {
        const haproxy = await Haproxy.start(files, socket, Object.fromEntries(secrets.map((name) => [name, hash ?? password])));
        this.haproxies.push(haproxy);
        haproxy.ended.then((said) => this.fail(`HAProxy ended: ${said.trim()}`));
        break;
      } catch (error) {
        if (!(error instanceof HaproxyRefused)) throw error;
        // Somebody else took a port since it was found to be free.
        const isTaken = [...ports.values()].some((port) =>
          error.message.includes(`cannot bind socket (Address already in use) for [127.0.0.1:${port}]`),
        );
        if (!isTaken || tries > 20) throw new Error(this.explain(configuration, error.message));
      }
    }
    await this.redirect(this.haproxies[number - 1] as Haproxy);
    const started = frontends.map(({ name, properties: { address, publishPort, statistics } }): RehearsedFrontend => {
      const url = `http://127.0.0.1:${ports.get(name)}`;
      const page = statistics && { url: `${url}${statistics.uri}`, user: statistics.user, password };
      return { name, address: `${address}:${publishPort}`, url, statistics: page };
    });
    this.knownFrontends = [...this.knownFrontends, ...started];
  }

  /** Servers that raw text leads to by their addresses in the tree are led here by HAProxy itself, so that the text stays. */
  private async redirect(haproxy: Haproxy): Promise<void> {
    const here = new Map<string, string>();
    for (const { name, address, at } of this.knownServers) {
      here.set(address, at);
      const container = this.resources<ServerProperties>('WebServer').find((one) => one.name === name)?.properties.container;
      const found = this.resources<ContainerProperties>('Container').find((one) => one.name === container)?.properties;
      for (const { connect } of found?.publishedPorts ?? []) here.set(`${found?.address}:${connect}`, at);
      for (const { port } of found?.admittingPorts ?? []) here.set(`${found?.address}:${port}`, at);
    }
    const lines = (await haproxy.ask('show servers conn')).split('\n');
    for (const line of lines) {
      const [server, , address, listens] = line.split(' ');
      const [host, port] = here.get(`${address}:${listens}`)?.split(':') ?? [];
      if (port !== undefined) await haproxy.ask(`set server ${server} addr ${host} port ${port}`);
    }
  }

  private resources<T>(type: string): { readonly name: string; readonly properties: T }[] {
    const found = this.assembled.resources().filter((resource) => resource.type === type);
    return found.map(({ name, properties }) => ({ name, properties: properties as T }));
  }

  private write(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), content, { mode: 0o600 });
  }

  /** What HAProxy has against a configuration, with the constructs of the lines that it names. */
  private explain(configuration: string, said: string): string {
    const complaints = said.split('\n').filter((line) => line.startsWith('[ALERT]'));
    const lines = (complaints.length > 0 ? complaints : [said.trim()]).flatMap((complaint) => {
      const text = complaint.replace(/^\[ALERT\]\s*\(\d+\)\s*:\s*(config\s*:\s*)?/, '').replaceAll(`${this.folder}/`, '');
      const [, number] = new RegExp(`\\[${configuration.replaceAll('.', '\\.')}:(\\d+)\\]`).exec(text) ?? [];
      const [origin] = number === undefined ? [] : originsAt(this.assembled, configuration, Number(number));
      const where = origin === undefined ? [] : [`    in ${origin.construct}`];
      return [text, ...where, ...(origin?.userLine === undefined ? [] : [`    at ${sourceLine(origin.userLine)}`])];
    });
    return `HAProxy does not start with ${configuration}:\n${lines.join('\n')}`;
  }
}

/** Folders of rehearsals that were not closed: this process may end without a word to them. */
const folders = new Set<string>();

function removeFolders(): void {
  for (const folder of folders) removeFolder(folder);
}

/** What crypt(3) makes of it; undefined where there is no program for that, or crypt(3) knows no SHA-512. */
function hashOf(password: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return Promise.resolve(undefined);
  return new Promise((done) => {
    const child = execFile('openssl', ['passwd', '-6', '-stdin'], (error, out) => done(error === null ? out.trim() : undefined));
    child.stdin?.on('error', () => {});
    child.stdin?.end(`${password}\n`);
  });
}
