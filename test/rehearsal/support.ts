import { request } from 'node:http';
import { afterAll } from 'vitest';
import { App, type AssembledStack, BackupPool, Duration, HaproxyFrontend, type Member, Site, Stack, WebBackend } from '../../lib/index.js';
import { Rehearsal, type RehearsalOptions } from '../../lib/rehearsal/index.js';
import { aCluster, temporary } from '../support.js';

const running: Rehearsal[] = [];

/** To be called once in a test file that uses `rehearse`. */
export function endRehearsals(): void {
  afterAll(async () => {
    await Promise.all(running.splice(0).map((one) => one.close()));
  });
}

/** Rehearses a stack as a project of its own; it ends with the file's tests. */
export async function rehearse(stack: AssembledStack, options: RehearsalOptions = {}): Promise<Rehearsal> {
  const rehearsal = await Rehearsal.start(stack, { project: temporary(), ...options });
  running.push(rehearsal);
  return rehearsal;
}

export interface Parts {
  readonly stack: Stack;
  readonly m1: Member;
  readonly m2: Member;
  readonly web: WebBackend;
  readonly frontend: HaproxyFrontend;
}

/** The stack `s`: web1 on m1 beside the balancer, web2 and spare on m2, checked five times a second. */
export function aStack(change: (parts: Parts) => void = () => {}, site = Site.html('<h1>page</h1>\n')): AssembledStack {
  const stack = new Stack(new App(), 's');
  const { m1, m2 } = aCluster(stack);
  const times = { checkInterval: Duration.millis(200), serverTimeout: Duration.millis(500) };
  const web = new WebBackend(stack, 'web', { site, ...times });
  web.addServer('web1', { on: m1 });
  web.addServer('web2', { on: m2 });
  new BackupPool(stack, 'Pool', { backend: web }).addServer('spare', { on: m2 });
  const statistics = { refresh: Duration.seconds(5) };
  const frontend = new HaproxyFrontend(stack, 'http', { on: m1, port: 80, publishPort: 1080, defaultBackend: web, statistics });
  change({ stack, m1, m2, web, frontend });
  return (stack.node.root as App).assemble().stacks[0] as AssembledStack;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Asks on a connection of its own. */
export function ask(url: string, options: { readonly method?: string; readonly auth?: string } = {}): Promise<Answer> {
  return new Promise((done, fail) => {
    const asked = request(url, { agent: false, ...options }, (response) => {
      let body = '';
      response.on('data', (data) => {
        body += data;
      });
      response.on('end', () => done({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    asked.on('error', fail);
    asked.end();
  });
}
