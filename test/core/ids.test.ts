import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  App,
  BackupPool,
  Cluster,
  Container,
  HaproxyBalancer,
  HaproxyFrontend,
  Machine,
  OutputFile,
  Stack,
  WebBackend,
} from '../../lib/index.js';
import { aCluster, aSite, errorsOf, PAGE, removeTemporaries, temporary } from '../support.js';

removeTemporaries();

// What is a name like any other to a person may not be one to JavaScript, to `constructs` or to a file system.

/** Members that every object has; a plain object lists a number before what was there first. */
const UNUSUAL = ['constructor', '__proto__', 'hasOwnProperty', '2024'];

interface Kind {
  /** Makes what the kind needs. @returns what makes one of the kind */
  readonly within: (app: App) => (id: string, n: number) => unknown;
  /** Those of the unusual ones that cannot be a name of this kind, behind the error that says so. */
  readonly refuses?: readonly string[];
  /** The error for two that differ in case only; without one they are two of them. */
  readonly twins?: string;
}

const address = (n: number) => `192.168.56.${20 + n}`;
const inStack = (within: (stack: Stack) => ReturnType<Kind['within']>) => (app: App) => within(new Stack(app, 's'));

const KINDS: Readonly<Record<string, Kind>> = {
  Stack: {
    within: (app) => (id) => new Machine(new Stack(app, id), 'vm', { address: address(1) }),
    refuses: ['bad-stack-name', '__proto__'],
    twins: 'duplicate-stack',
  },
  Machine: {
    within: inStack((stack) => (id, n) => new Machine(stack, id, { address: address(n) })),
    refuses: ['bad-host-name', '__proto__'],
    twins: 'duplicate-machine',
  },
  Cluster: {
    within: (app) => (id, n) => new Cluster(new Stack(app, `s${n}`), id).addMember('m1', { address: address(1) }),
  },
  'member of a Cluster': {
    within: inStack((stack) => {
      const cluster = new Cluster(stack, 'Cluster');
      return (id, n) => cluster.addMember(id, { address: address(n) });
    }),
    refuses: ['bad-host-name', '__proto__'],
    twins: 'duplicate-machine',
  },
  Container: {
    within: inStack((stack) => {
      const { m1 } = aCluster(stack);
      return (id, n) => new Container(stack, id, { on: m1, name: `c${n}` });
    }),
  },
  'name of a Container': {
    within: inStack((stack) => {
      const { m1 } = aCluster(stack);
      return (name, n) => new Container(stack, `C${n}`, { on: m1, name });
    }),
    refuses: ['bad-container-name', '__proto__', '2024'],
    twins: 'duplicate-container',
  },
  WebBackend: {
    within: inStack((stack) => {
      const { m1, m2 } = aCluster(stack);
      return (id, n) => {
        const backend = new WebBackend(stack, id);
        backend.addServer(`web${n}`, { on: m2, site: PAGE });
        new HaproxyFrontend(stack, `http${n}`, { on: m1, port: 80 + n, defaultBackend: backend });
      };
    }),
  },
  'server of a WebBackend': {
    within: inStack((stack) => {
      const { m1, m2 } = aCluster(stack);
      const backend = new WebBackend(stack, 'web', { site: PAGE });
      new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: backend });
      return (id) => backend.addServer(id, { on: m2 });
    }),
    refuses: ['bad-container-name', '__proto__', '2024'],
    twins: 'duplicate-container',
  },
  BackupPool: {
    within: inStack((stack) => {
      const { m1, m2, web } = aSite(stack);
      new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web });
      return (id, n) => new BackupPool(stack, id, { backend: web, site: PAGE }).addServer(`spare${n}`, { on: n === 0 ? m1 : m2 });
    }),
    twins: 'duplicate-output-file',
  },
  'server of a BackupPool': {
    within: inStack((stack) => {
      const { m1, web } = aSite(stack);
      const pool = new BackupPool(stack, 'Backups', { backend: web, site: PAGE });
      new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web });
      return (id) => pool.addServer(id, { on: m1 });
    }),
    refuses: ['bad-container-name', '__proto__', '2024'],
    twins: 'duplicate-container',
  },
  HaproxyBalancer: {
    within: inStack((stack) => {
      const { m1, m2, web } = aSite(stack);
      return (id, n) => {
        const balancer = new HaproxyBalancer(stack, id, { on: n === 0 ? m1 : m2, name: `edge${n}` });
        new HaproxyFrontend(stack, `http${n}`, { balancer, port: 80, defaultBackend: web });
      };
    }),
  },
  'name of a HaproxyBalancer': {
    within: inStack((stack) => {
      const { m1, m2, web } = aSite(stack);
      return (name, n) => {
        const balancer = new HaproxyBalancer(stack, `Edge${n}`, { on: n === 0 ? m1 : m2, name });
        new HaproxyFrontend(stack, `http${n}`, { balancer, port: 80, defaultBackend: web });
      };
    }),
    refuses: ['bad-container-name', '__proto__', '2024'],
    twins: 'duplicate-container',
  },
  HaproxyFrontend: {
    within: inStack((stack) => {
      const { m1, web } = aSite(stack);
      return (id, n) => new HaproxyFrontend(stack, id, { on: m1, port: 80 + n, defaultBackend: web, statistics: {} });
    }),
    twins: 'duplicate-frontend',
  },
  OutputFile: {
    within: inStack((stack) => {
      new Machine(stack, 'vm', { address: address(1) });
      return (id, n) => new OutputFile(stack, id, { path: `file${n}`, render: () => 'x' });
    }),
  },
  'path of an OutputFile': {
    within: inStack((stack) => {
      new Machine(stack, 'vm', { address: address(1) });
      return (path, n) => new OutputFile(stack, `File${n}`, { path, render: () => path });
    }),
    twins: 'duplicate-output-file',
  },
};

function appOf(kind: Kind, ids: readonly string[]): App {
  const app = new App({ outdir: join(temporary(), 'out'), topology: false });
  const make = kind.within(app);
  for (const [n, id] of ids.entries()) make(id, n);
  return app;
}

/** All files but the manifest, which is sorted, with stand-ins for the ids and for what follows from them: ports, addresses, hashes. */
function outputOf(kind: Kind, ids: readonly string[]): Record<string, string> {
  const standIn = (text: string) =>
    ids
      .reduce((all, id, n) => all.replaceAll(id, `ID${n}`), text)
      .replaceAll(/ID(\d)_/g, 'ID$1') // what cannot be an id of `constructs` has a `_` there
      .replaceAll(/: "(ID\d)"$/gm, ': $1') // YAML has strings of digits in quotes
      .replaceAll(/STATISTICS_\w+/g, 'STATISTICS')
      .replaceAll(/\b[0-9a-f]{12}([0-9a-f]{52})?\b/g, 'HASH')
      .replaceAll(/\b10\.77\.\d+\.\d+\b/g, 'ADDRESS')
      .replaceAll(/\b[123]\d{4}\b/g, 'PORT');
  const files = appOf(kind, ids)
    .assemble()
    .stacks.flatMap(({ name, files }) => files.map(({ path, content }) => [`${name}/${path}`, Buffer.from(content).toString()] as const))
    .filter(([path]) => !path.endsWith('/manifest.json'));
  return Object.fromEntries(files.map(([path, content]) => [standIn(path), standIn(content)]));
}

/** The same, whatever follows from the order of the alphabet. */
function unordered(files: Record<string, string>): unknown {
  const lines = (text: string) => text.split('\n').map((line) => line.replace(/,$/, ''));
  return Object.entries(files)
    .map(([path, text]) => [path, lines(text).sort()])
    .sort();
}

it('members 2 and 1 are defined in this order, and 2 founds the cluster', () => {
  const app = new App({ outdir: join(temporary(), 'out'), topology: false });
  const cluster = new Cluster(new Stack(app, 's'), 'Cluster');
  for (const name of ['2', '1']) cluster.addMember(name, { address: address(Number(name)) });
  expect(cluster.members.map(({ isFounder }) => isFounder)).toEqual([true, false]);
  const { files } = app.assemble().stacks[0] ?? { files: [] };
  const vagrantfile = Buffer.from(files.find(({ path }) => path === 'Vagrantfile')?.content ?? []).toString();
  expect([...vagrantfile.matchAll(/config\.vm\.define "(.*)"/g)].map(([, name]) => name)).toEqual(['2', '1']);
});

it('tree.json is the tree as JSON, whatever characters are in an id', () => {
  const app = new App({ outdir: join(temporary(), 'out') });
  const stack = new Stack(app, 's');
  new Machine(stack, 'vm', { address: address(1) });
  const outer = new OutputFile(stack, '"', { path: '"', render: () => '' });
  new OutputFile(new OutputFile(outer, 'a\\b\t\u2028é€\u{1f600}', { path: '\u2028', render: () => '' }), '2', {
    path: 'c',
    render: () => '',
  });
  const [{ files, tree } = { files: [], tree: undefined }] = app.assemble().stacks;
  const text = Buffer.from(files.find(({ path }) => path === 'tree.json')?.content ?? []).toString();
  expect(text).toBe(`${JSON.stringify(tree, undefined, 2)}\n`);
});

describe.each(Object.entries(KINDS))('%s', (_, kind) => {
  it.each(UNUSUAL)('%s is a name like any other, or refused', (id) => {
    const [refusal, ...refused] = kind.refuses ?? [];
    if (refused.includes(id)) expect(errorsOf(appOf(kind, [id])).map((error) => error.id)).toContain(refusal);
    else expect(unordered(outputOf(kind, [id]))).toEqual(unordered(outputOf(kind, ['ordinary'])));
  });

  it('keeps the order in which they were made, be they numbers', () => {
    if (!kind.refuses?.includes('2024')) expect(outputOf(kind, ['2024', '1999'])).toEqual(outputOf(kind, ['beta', 'alpha']));
  });

  it('may be two that differ in case, or they are refused', () => {
    if (kind.twins === undefined) expect(() => appOf(kind, ['twin', 'Twin']).assemble()).not.toThrow();
    else expect(errorsOf(appOf(kind, ['twin', 'Twin'])).map((error) => error.id)).toContain(kind.twins);
  });
});
