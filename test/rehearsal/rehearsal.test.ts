import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { ErrorPages, HaproxyBalancer, HaproxyFrontend, Raw, Site } from '../../lib/index.js';
import { findRehearsals } from '../../lib/rehearsal/folder.js';
import { Rehearsal } from '../../lib/rehearsal/index.js';
import { type Disturbance, type DrillResult, runDrill } from '../../lib/trials/index.js';
import { fill, removeTemporaries, temporary } from '../support.js';
import { aStack, ask, endRehearsals, rehearse } from './support.js';

removeTemporaries();
endRehearsals();

describe('a server that is told to', () => {
  const drills = new Map<Disturbance, Promise<DrillResult>>();
  const actions = ['stop', 'hang', 'slow', 'break', 'powerOff'] as const;

  async function drill(action: Disturbance): Promise<DrillResult> {
    return runDrill(
      await rehearse(aStack()),
      [
        { expect: { serves: ['web1', 'web2'], withinMs: 5000 } },
        { action, server: 'web1' },
        { expect: { serves: ['web2'], withinMs: 8000 } },
        { action: 'restore', server: 'web1' },
        { expect: { serves: ['web1', 'web2'], withinMs: 8000 } },
      ],
      { rate: 40 },
    );
  }

  // At the same time: they wait more than they work.
  beforeAll(() => {
    for (const action of actions) drills.set(action, drill(action));
    // What fails, fails its test.
    for (const result of drills.values()) result.catch(() => {});
  });

  it.each(actions)('%s is out, nobody notices, and it returns', async (action) => {
    const { steps, requests, events } = (await drills.get(action)) as DrillResult;
    expect(steps.map(({ verdict }) => verdict?.why)).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(requests).toMatchObject({ failed: 0, results: { 200: requests.requests } });
    expect(requests.requests).toBeGreaterThan(50);
    const statuses = events.flatMap((event) => (event.kind === 'status' && event.server === 'web1' ? [event.status] : []));
    expect(statuses).toContain('DOWN');
    expect(statuses.at(-1)).toBe('UP');
  });
});

describe.concurrent('a rehearsal', () => {
  it('judges what does not come true', async ({ expect }) => {
    const rehearsal = await rehearse(aStack());
    const { met, steps } = await runDrill(rehearsal, [
      { expect: { serves: ['web2'], withinMs: 700 } },
      { expect: { serves: ['web1', 'web2', 'spare'], withinMs: 700 } },
      { action: 'stop', server: 'web1' },
      { action: 'stop', server: 'web2' },
      { action: 'stop', server: 'spare' },
      { expect: { serves: [], withinMs: 5000 } },
      { expect: { serves: ['web2'], withinMs: 500 } },
    ]);
    expect(met).toBe(false);
    expect(steps.flatMap(({ verdict }) => (verdict === undefined ? [] : [verdict.why]))).toEqual([
      'web1 is given requests, and 700 ms are over',
      'spare answers nothing, and 700 ms are over',
      undefined,
      expect.stringMatching(/^web2 answers nothing, and 500 ms are over; \d+ of \d+ requests failed \(\d+ 503\), at most 0 may$/),
    ]);
    const unknown = runDrill(rehearsal, [{ action: 'stop', server: 'web7' }]);
    await expect(unknown).rejects.toThrow('there is no server web7; there are: web1, web2, spare');
    await expect(rehearsal.disturb('web7', 'stop')).rejects.toThrow('there is no server "web7" in stack "s"; there are: web1, web2, spare');
  });

  it('takes all servers of a machine with its power', async ({ expect }) => {
    const rehearsal = await rehearse(aStack());
    const become = (statuses: readonly string[]) =>
      vi.waitFor(async () => expect((await rehearsal.figures()).servers.map(({ status }) => status)).toEqual(statuses), 5000);
    await rehearsal.disturb('web2', 'stop');
    await rehearsal.disturb('spare', 'powerOff');
    await become(['UP', 'DOWN', 'DOWN']);
    // web2 was stopped before.
    await rehearsal.disturb('spare', 'restore');
    await become(['UP', 'DOWN', 'UP']);
  });

  it('serves the real pages', async ({ expect }) => {
    const folder = fill(temporary(), { 'index.html': '<h1>home</h1>', 'a b/index.html': 'inner', 'style.css': 'p {}', 'x.unknown': '?' });
    const { urls } = await rehearse(aStack(() => {}, Site.directory(folder)));
    const seen = async (path: string, method = 'GET') => {
      const { status, headers, body } = await ask(`${urls.http}${path}`, { method });
      return [status, headers['content-type'], headers.location, body];
    };
    expect(await seen('/')).toEqual([200, 'text/html', undefined, '<h1>home</h1>']);
    expect(await seen('/?q=1', 'HEAD')).toEqual([200, 'text/html', undefined, '']);
    expect(await seen('/index.html', 'POST')).toEqual([200, 'text/html', undefined, '<h1>home</h1>']);
    expect(await seen('/style.css')).toEqual([200, 'text/css', undefined, 'p {}']);
    expect(await seen('/x.unknown')).toEqual([200, undefined, undefined, '?']);
    expect(await seen('/a%20b')).toEqual([301, undefined, '/a%20b/', '']);
    expect(await seen('/a%20b/')).toEqual([200, 'text/html', undefined, 'inner']);
    expect(await seen('/none')).toEqual([404, 'text/html', undefined, expect.stringContaining('Not Found')]);
    expect(await seen('/constructor')).toMatchObject([404, 'text/html', undefined, expect.anything()]);
    expect(await seen('/', 'DELETE')).toMatchObject([405, 'text/html', undefined, expect.anything()]);
  });

  it('shows the statistics to who has the password', async ({ expect }) => {
    const { frontends } = await rehearse(aStack());
    const { url = '', user, password } = frontends[0]?.statistics ?? {};
    expect(user).toBe('admin');
    expect(await ask(url)).toMatchObject({ status: 401 });
    expect(await ask(url, { auth: `${user}:wrong` })).toMatchObject({ status: 401 });
    const page = await ask(url, { auth: `${user}:${password}` });
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html', refresh: '5' } });
    expect(page.body).toContain('web2');
  });

  it('answers with the error pages when no server is left', async ({ expect }) => {
    const pages = fill(temporary(), { '503.html': '<h1>nobody there</h1>' });
    const rehearsal = await rehearse(
      aStack(({ stack, web, frontend: { balancer } }) => {
        new HaproxyFrontend(stack, 'other', { balancer, port: 81, defaultBackend: web, errorPages: ErrorPages.directory(pages) });
      }),
    );
    for (const server of ['web1', 'web2', 'spare']) await rehearsal.disturb(server, 'stop');
    await vi.waitFor(async () => {
      expect(await ask(`${rehearsal.urls.other}/`)).toMatchObject({ status: 503, body: '<h1>nobody there</h1>' });
    }, 5000);
    expect((await ask(`${rehearsal.urls.http}/`)).body).not.toContain('nobody there');
  });

  it('leaves taken ports to their owners, and other rehearsals alone', async ({ expect }) => {
    const owner = createServer().listen(23_451, '127.0.0.1');
    await once(owner, 'listening');
    const published = ({ stack, web, frontend: { balancer } }: Parameters<Exclude<Parameters<typeof aStack>[0], undefined>>[0]) => {
      new HaproxyFrontend(stack, 'other', { balancer, port: 81, publishPort: 23_451, defaultBackend: web });
    };
    const rehearsals = await Promise.all([rehearse(aStack(published)), rehearse(aStack(published))]);
    owner.close();
    const places = rehearsals.flatMap(({ urls, servers }) => [...Object.values(urls), ...servers.map(({ at }) => at)]);
    expect(new Set([...places, 'http://127.0.0.1:23451']).size).toBe(11);
    const [first, second] = rehearsals;
    await first.disturb('web1', 'break');
    await vi.waitFor(async () => expect((await first.figures()).servers[0]?.status).toBe('DOWN'), 5000);
    expect((await second.figures()).servers[0]?.status).toBe('UP');
    for (const { urls } of rehearsals) {
      for (const url of Object.values(urls)) expect(await ask(url)).toMatchObject({ status: 200, body: '<h1>page</h1>\n' });
    }
  });

  it('leads servers of raw text to the stubs', async ({ expect }) => {
    const rehearsal = await rehearse(
      aStack(({ web, m1 }) => {
        for (const server of web.primaries) {
          const { address, port } = server.endpointFor(m1);
          Raw.of(web).override(`server ${server.serverName}`, `server ${server.serverName} ${address}:${port} maxconn 3`);
        }
      }),
    );
    const { steps } = await runDrill(rehearsal, [{ expect: { serves: ['web1', 'web2'], withinMs: 5000 } }]);
    expect(steps[0]?.verdict?.why).toBeUndefined();
  });

  it('runs each balancer of a stack', async ({ expect }) => {
    const rehearsal = await rehearse(
      aStack(({ stack, web, m2 }) => {
        const balancer = new HaproxyBalancer(stack, 'Second', { on: m2, name: 'second' });
        new HaproxyFrontend(stack, 'again', { balancer, port: 80, publishPort: 1080, defaultBackend: web });
      }),
    );
    expect(Object.keys(rehearsal.urls)).toEqual(['http', 'again']);
    const { steps } = await runDrill(rehearsal, [{ expect: { serves: ['web1', 'web2'], withinMs: 5000 } }]);
    expect(steps[0]?.verdict).toMatchObject({ met: true, failed: 0, served: { spare: 0 } });
    for (const url of Object.values(rehearsal.urls)) expect(await ask(url)).toMatchObject({ status: 200 });
  });

  it('says what HAProxy has against the configuration, and whose line it is', async ({ expect }) => {
    const refused = rehearse(aStack(({ web }) => void Raw.of(web).append('balance backwards')));
    await expect(refused).rejects.toThrow(
      /^HAProxy does not start with haproxy\.cfg:\n.*\[haproxy\.cfg:\d+\].*balance.*\n {4}in s\/web\n {4}at .*rehearsal\.test\.ts:\d+/,
    );
    const unknown = rehearse(aStack(({ frontend }) => void Raw.of(frontend).override('bind', 'bind *:80 accept-proxy')));
    await expect(unknown).rejects.toThrow('raw text took the place of the bind of "http"');
  });

  it('is controlled from elsewhere, by project and stack', async ({ expect }) => {
    const project = temporary();
    await expect(Rehearsal.control(project, undefined, 'web1', 'stop')).rejects.toThrow(
      'no rehearsal of this project is running; start one',
    );
    const rehearsal = await rehearse(aStack(), { project });
    await expect(rehearse(aStack(), { project })).rejects.toThrow(`stack "s" is being rehearsed already, by process ${process.pid}`);
    await Rehearsal.control(project, undefined, 'web1', 'stop');
    await Rehearsal.control(project, 's', 'web2', 'stop');
    await vi.waitFor(async () => {
      expect((await rehearsal.figures()).servers.map(({ status }) => status)).toEqual(['DOWN', 'DOWN', 'UP']);
    }, 5000);
    const elsewhere = Rehearsal.control(project, 't', 'web1', 'stop');
    await expect(elsewhere).rejects.toThrow('no rehearsal of stack "t" is running; there is one of "s"');
    await expect(Rehearsal.control(project, 's', 'web7', 'stop')).rejects.toThrow('there is no server "web7"');
    const other = await rehearse({ ...aStack(), name: 't' }, { project });
    await expect(Rehearsal.control(project, undefined, 'web1', 'stop')).rejects.toThrow(/add --stack (s\|t|t\|s)$/);
    await rehearsal.close();
    await other.close();
    await expect(Rehearsal.control(project, 's', 'web1', 'stop')).rejects.toThrow('no rehearsal of stack "s" is running; start one');
  });

  it('does not mind one that it cannot read', async ({ expect }) => {
    const project = temporary();
    await rehearse(aStack(), { project });
    const [found] = await findRehearsals(project);
    expect(found).toMatchObject({ stack: 's', pid: process.pid });
    rmSync(`${found?.folder}/stack`);
    expect(await findRehearsals(project)).toEqual([]);
    await rehearse(aStack());
  });

  it('tells when HAProxy ends by itself', async ({ expect }) => {
    const rehearsal = await rehearse(aStack());
    const { haproxies } = rehearsal as unknown as { haproxies: readonly { ask(command: string): Promise<string> }[] };
    const pid = Number(/^Pid: (\d+)$/m.exec((await haproxies[0]?.ask('show info')) ?? '')?.[1]);
    process.kill(pid, 'SIGTERM');
    expect(await rehearsal.ended).toMatch(/^HAProxy ended/);
  });

  it('needs something to rehearse', async ({ expect }) => {
    await expect(rehearse({ ...aStack(), resources: () => [] })).rejects.toThrow('stack "s" has no frontend');
  });
});
