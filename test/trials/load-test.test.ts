import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Template } from '../../lib/assertions/index.js';
import { App, Balance, Duration, HaproxyFrontend, Stack } from '../../lib/index.js';
import { LoadTest, type LoadTestProps, type LoadThresholds } from '../../lib/trials/index.js';
import { aSite, fill, itRefuses, output, PAGE, ROOT, removeTemporaries, run, stackOf, temporary } from '../support.js';

removeTemporaries();

/** A site with a frontend on port 1080 of m1, and a load on it. */
function aLoad(stack: Stack, props: Partial<LoadTestProps> = { users: 4000, loops: 2 }, name = 'peak') {
  const { m1, web } = aSite(stack);
  const target = new HaproxyFrontend(stack, 'http', { on: m1, port: 80, publishPort: 1080, defaultBackend: web });
  return { target, web, load: new LoadTest(stack, name, { target, ...props } as LoadTestProps) };
}

/** The files of a load. */
function filesOf(props: Partial<LoadTestProps>): { jmx: string; k6: string } {
  const { files } = stackOf((stack) => aLoad(stack, props));
  return { jmx: files['s/load/peak.jmx'] as string, k6: files['s/load/peak.k6.js'] as string };
}

const judged = (thresholds: LoadThresholds) => (stack: Stack) => aLoad(stack, { users: 1, thresholds });

describe('a load test', () => {
  itRefuses(import.meta.url, [
    { id: 'bad-load-name', path: 's/a b', says: ['"a b"', 'use at most 63 letters'], build: (stack) => aLoad(stack, { users: 1 }, 'a b') },
    {
      id: 'duplicate-load-test',
      path: 's/Peak',
      says: ['"Peak" is taken by s/peak', 'rename'],
      build: (stack) => {
        const { target } = aLoad(stack);
        new LoadTest(stack, 'Peak', { target, users: 1 });
      },
    },
    {
      id: 'bad-load-model',
      when: 'both',
      path: 's/peak',
      says: ['has users, rate', 'either users'],
      build: (stack) => aLoad(stack, { users: 1, rate: 2 } as unknown as LoadTestProps),
    },
    {
      id: 'bad-load-model',
      when: 'none',
      path: 's/peak',
      says: ['has none of them'],
      build: (stack) => aLoad(stack, {}),
    },
    {
      id: 'bad-load-model',
      when: 'a rate for ever',
      path: 's/peak',
      says: ['has rate;'],
      build: (stack) => aLoad(stack, { rate: 5 } as unknown as LoadTestProps),
    },
    { id: 'bad-load-users', path: 's/peak', says: ['has 0 users', 'from 1'], build: (stack) => aLoad(stack, { users: 0 }) },
    { id: 'bad-load-users', when: 'loops', path: 's/peak', says: ['1.5 loops'], build: (stack) => aLoad(stack, { users: 2, loops: 1.5 }) },
    {
      id: 'bad-load-rate',
      path: 's/peak',
      says: ['rate of -1', 'at most three decimals'],
      build: (stack) => aLoad(stack, { rate: -1, duration: Duration.seconds(1) }),
    },
    {
      id: 'bad-load-rate',
      when: 'decimals',
      path: 's/peak',
      says: ['rate of 0.12345'],
      build: (stack) => aLoad(stack, { rate: 0.12345, duration: Duration.minutes(1) }),
    },
    {
      id: 'bad-load-rate',
      when: 'no request',
      path: 's/peak',
      says: ['for 1000 ms, which makes no request', 'longer'],
      build: (stack) => aLoad(stack, { rate: 0.1, duration: Duration.seconds(1) }),
    },
    {
      id: 'bad-load-path',
      path: 's/peak',
      says: [`path "/\${x}"`, '%XX'],
      build: (stack) => aLoad(stack, { users: 1, paths: ['/', `/\${x}`] }),
    },
    { id: 'bad-load-path', when: 'none', path: 's/peak', says: ['has no path'], build: (stack) => aLoad(stack, { users: 1, paths: [] }) },
    { id: 'bad-threshold', path: 's/peak', says: ['failed', 'is 2;', 'from 0 to 1'], build: judged({ failed: 2 }) },
    { id: 'bad-threshold', when: 'spread', path: 's/peak', says: ['spread', 'is -1;'], build: judged({ spread: -1 }) },
    {
      id: 'bad-threshold',
      when: 'order',
      path: 's/peak',
      says: ['p95', '20 ms', 'p99 is 10 ms', 'raise p99'],
      build: judged({ p95: Duration.millis(20), p99: Duration.millis(10) }),
    },
    {
      id: 'bad-threshold',
      when: 'unequal shares',
      path: 's/peak',
      says: ['spread', '"web" does not give', 'leave it out'],
      build: (stack) => {
        const { m1, m2, web } = aSite(stack, { balance: Balance.source() });
        web.addServer('web9', { on: m2, site: PAGE });
        const target = new HaproxyFrontend(stack, 'http', { on: m1, port: 80, defaultBackend: web });
        new LoadTest(stack, 'peak', { target, users: 1, thresholds: { spread: 0.1 } });
      },
    },
    {
      id: 'other-stack',
      path: 's/peak',
      says: ['load test "peak" of stack "s"', 'of stack "t"'],
      build: (stack) => {
        const { target } = aLoad(new Stack(stack.node.root, 't'), { users: 1 }, 'other');
        new LoadTest(stack, 'peak', { target, users: 1 });
      },
      also: ['no-machines'],
    },
  ]);

  it('tells its numbers', () => {
    const stack = new Stack(new App(), 's');
    aLoad(stack, { users: 4000, loops: 2, paths: ['/', '/a'], thresholds: { p95: Duration.seconds(2), spread: 0.05 } });
    const template = Template.fromStack(stack);
    expect(template.toJSON().resources.LoadTest?.peak).toEqual({
      target: 'http',
      backend: 'web',
      url: 'http://192.168.56.11:1080',
      users: 4000,
      rampUpMs: 1000,
      loops: 2,
      requests: 16_000,
      paths: ['/', '/a'],
      timeoutMs: 30_000,
      thresholds: { failed: 0, p95Ms: 2000, spread: 0.05 },
    });
  });

  it('of a rate tells its numbers', () => {
    const stack = new Stack(new App(), 's');
    aLoad(stack, { rate: 12.5, duration: Duration.minutes(2), timeout: Duration.seconds(5), thresholds: { failed: 0.001 } });
    Template.fromStack(stack).hasResource('LoadTest', 'peak', {
      rate: 12.5,
      durationMs: 120_000,
      requests: 1500,
      timeoutMs: 5000,
      thresholds: { failed: 0.001 },
    });
  });
});

// --- JMeter ------------------------------------------------------------------------------------------------------------------

interface Xml {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Xml[];
  text: string;
}

/** A document, read by a real parser: what it writes in canonical form is simple enough for this. */
function parsed(document: string): Xml {
  const folder = fill(temporary(), { x: document });
  const root: Xml = { tag: '', attributes: {}, children: [], text: '' };
  const open = [root];
  for (const [, end, tag, attributes, text] of output('xmllint', ['--c14n', join(folder, 'x')]).matchAll(
    /<(\/?)([\w.]+)((?: \w+="[^"]*")*)>|([^<]+)/g,
  )) {
    const top = open.at(-1) as Xml;
    if (text !== undefined) top.text += text;
    else if (end === '/') open.pop();
    else {
      const pairs = [...(attributes ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value] as const);
      const element: Xml = { tag: tag as string, attributes: Object.fromEntries(pairs), children: [], text: '' };
      top.children.push(element);
      open.push(element);
    }
  }
  return root.children[0] as Xml;
}

/** Each element with its attributes, and its value if it has one. */
function outline({ tag, attributes, children, text }: Xml, indent = ''): string[] {
  const words = [tag, ...Object.entries(attributes).map(([name, value]) => (name === 'name' ? value : `${name}=${value}`))];
  const value = children.length === 0 && text.trim() !== '' ? ` = ${text}` : '';
  return [`${indent}${words.join(' ')}${value}`, ...children.flatMap((child) => outline(child, `${indent}  `))];
}

const USER_VARIABLES = 'elementType=Arguments guiclass=ArgumentsPanel testclass=Arguments testname=User Defined Variables';
const HTTP_ARGUMENTS = 'elementType=Arguments guiclass=HTTPArgumentsPanel testclass=Arguments testname=User Defined Variables';

// What JMeter 5.6.3 writes for each element: its attributes, then its properties with their types, in the order in which its window
// sets them. An element that is enabled does not say so, a box that is not ticked (follow_redirects) is not there, and the port of a
// request is text.
const TEST_PLAN = (comments: string) => [
  'TestPlan guiclass=TestPlanGui testclass=TestPlan testname=peak',
  `  stringProp TestPlan.comments = ${comments}`,
  '  boolProp TestPlan.tearDown_on_shutdown = true',
  `  elementProp ${USER_VARIABLES.replace('elementType', 'TestPlan.user_defined_variables elementType')}`,
  '    collectionProp Arguments.arguments',
];
const DEFAULTS = (timeout: number) => [
  'ConfigTestElement guiclass=HttpDefaultsGui testclass=ConfigTestElement testname=HTTP Request Defaults',
  `  intProp HTTPSampler.connect_timeout = ${timeout}`,
  `  intProp HTTPSampler.response_timeout = ${timeout}`,
  '  stringProp HTTPSampler.domain = 192.168.56.11',
  '  stringProp HTTPSampler.port = 1080',
  '  stringProp HTTPSampler.protocol = http',
  `  elementProp HTTPsampler.Arguments ${HTTP_ARGUMENTS}`,
  '    collectionProp Arguments.arguments',
  '  stringProp HTTPSampler.implementation = HttpClient4',
  'hashTree',
];
const SAMPLER = (path: string) => [
  `HTTPSamplerProxy guiclass=HttpTestSampleGui testclass=HTTPSamplerProxy testname=${path}`,
  `  stringProp HTTPSampler.path = ${path}`,
  '  stringProp HTTPSampler.method = GET',
  '  boolProp HTTPSampler.use_keepalive = true',
  '  boolProp HTTPSampler.postBodyRaw = false',
  `  elementProp HTTPsampler.Arguments ${HTTP_ARGUMENTS}`,
  '    collectionProp Arguments.arguments',
  'hashTree',
];
const ASSERTION = [
  'ResponseAssertion guiclass=AssertionGui testclass=ResponseAssertion testname=Status is 200',
  '  collectionProp Asserion.test_strings',
  '    stringProp 49586 = 200', // Java's "200".hashCode()
  '  stringProp Assertion.custom_message',
  '  stringProp Assertion.test_field = Assertion.response_code',
  '  boolProp Assertion.assume_success = false',
  '  intProp Assertion.test_type = 8', // equals
  'hashTree',
];
const SAVED =
  'time latency timestamp success label code message threadName dataType -encoding assertions subresults -responseData -samplerData -xml fieldNames -responseHeaders -requestHeaders -responseDataOnError saveAssertionResultsFailureMessage 0assertionsResultsToSave bytes sentBytes url threadCounts idleTime connectTime';
const COLLECTOR = (gui: string, name: string) => [
  `ResultCollector guiclass=${gui} testclass=ResultCollector testname=${name}`,
  '  boolProp ResultCollector.error_logging = false',
  '  objProp',
  '    name = saveConfig',
  '    value class=SampleSaveConfiguration',
  ...SAVED.split(' ').map((one) => `      ${one.replace(/^[-0]/, '')} = ${{ '-': 'false', '0': '0' }[one[0] as string] ?? 'true'}`),
  '  stringProp filename',
  'hashTree',
];
const USERS = [
  'ThreadGroup guiclass=ThreadGroupGui testclass=ThreadGroup testname=Users',
  '  intProp ThreadGroup.num_threads = 4000',
  '  intProp ThreadGroup.ramp_time = 1',
  '  boolProp ThreadGroup.same_user_on_next_iteration = true',
  '  stringProp ThreadGroup.on_sample_error = continue',
  '  elementProp ThreadGroup.main_controller elementType=LoopController guiclass=LoopControlPanel testclass=LoopController testname=Loop Controller',
  '    stringProp LoopController.loops = 2',
  '    boolProp LoopController.continue_forever = false',
];
const ARRIVALS = [
  'OpenModelThreadGroup guiclass=OpenModelThreadGroupGui testclass=OpenModelThreadGroup testname=Arrivals',
  '  stringProp OpenModelThreadGroup.schedule = rate(100/s) even_arrivals(60 s)',
  '  stringProp ThreadGroup.on_sample_error = continue',
  '  elementProp ThreadGroup.main_controller elementType=OpenModelThreadGroupController',
];

/** A plan as JMeter 5.6.3 saves one. */
function plan(testPlan: readonly string[], threads: readonly string[], timeout: number, paths: readonly string[]): string[] {
  const deeper = (lines: readonly string[]) => lines.map((line) => `  ${line}`);
  const samplers = [...DEFAULTS(timeout), ...paths.flatMap(SAMPLER), ...ASSERTION];
  const reports = [...COLLECTOR('SummaryReport', 'Summary Report'), ...COLLECTOR('StatVisualizer', 'Aggregate Report')];
  const below = [...threads, 'hashTree', ...deeper(samplers), ...reports];
  return [
    'jmeterTestPlan version=1.2 properties=5.0 jmeter=5.6.3',
    '  hashTree',
    ...deeper(deeper([...testPlan, 'hashTree', ...deeper(below)])),
  ];
}

describe('the plan of JMeter', () => {
  it("has each element of the paper's load as JMeter 5.6.3 saves it", () => {
    const { jmx } = filesOf({ users: 4000, loops: 2, thresholds: { p99: Duration.seconds(3), spread: 0.05 } });
    expect(jmx.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n')).toBe(true);
    const comments = '8000 requests; failed at most 0; p99 at most 3000 ms; spread at most 0.05';
    // xmllint sorts attributes, so the order of theirs is looked at in the text.
    expect(outline(parsed(jmx)).map(sorted)).toEqual(plan(TEST_PLAN(comments), USERS, 30_000, ['/']).map(sorted));
    for (const [tag] of jmx.matchAll(/<\w+ guiclass=[^>]*>/g))
      expect(tag).toMatch(/^<\w+ guiclass="\w+" testclass="\w+" testname="[^"]*"\/?>$/);
    for (const [tag] of jmx.matchAll(/<elementProp [^>]*>/g))
      expect(tag).toMatch(/^<elementProp name="[\w.]+" elementType="\w+"(?: guiclass="\w+" testclass="\w+" testname="[^"]*")?\/?>$/);
  });

  it('has an open model for a rate', () => {
    const duration = Duration.minutes(1);
    const { jmx } = filesOf({ rate: 200, duration, paths: ['/', '/a?b=1&c=%22'], timeout: Duration.seconds(5) });
    const paths = ['/', '/a?b=1&amp;c=%22'];
    expect(outline(parsed(jmx)).map(sorted)).toEqual(
      plan(TEST_PLAN('12000 requests; failed at most 0'), ARRIVALS, 5000, paths).map(sorted),
    );
    expect(jmx).toContain('<stringProp name="HTTPSampler.path">/a?b=1&amp;c=%22</stringProp>');
  });

  it('gives each element its tree, and each property a value of its type', () => {
    const check = ({ tag, attributes, children, text }: Xml): void => {
      if (tag === 'hashTree') {
        expect(children.length % 2).toBe(0);
        expect(children.every((child, n) => (child.tag === 'hashTree') === (n % 2 === 1))).toBe(true);
      }
      if (tag === 'intProp') expect(text).toMatch(/^\d+$/);
      if (tag === 'boolProp') expect(['true', 'false']).toContain(text);
      if (tag.endsWith('Prop') && tag !== 'objProp') expect(attributes.name).toBeDefined();
      children.forEach(check);
    };
    check(parsed(filesOf({ users: 1 }).jmx));
  });
});

/** A line with its words in order. */
function sorted(line: string): string {
  const [, indent = '', rest = ''] = /^( *)(.*)$/.exec(line) ?? [];
  return `${indent}${rest.split(' ').sort().join(' ')}`;
}

// --- k6 ----------------------------------------------------------------------------------------------------------------------

/** What the compiler says of a script, with the types of k6. */
function compiled(script: string): string {
  const folder = fill(temporary(), { 'load.k6.js': script, 'package.json': '{"type": "module"}' });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const options =
    '--noEmit --strict --allowJs --checkJs --noUncheckedIndexedAccess --noUnusedLocals --skipLibCheck --types k6 --lib es2023';
  const { out, err } = run(
    join(ROOT, 'node_modules/.bin/tsc'),
    [...options.split(' '), '--target', 'es2022', '--module', 'esnext', '--moduleResolution', 'bundler', 'load.k6.js'],
    { cwd: folder },
  );
  return out + err;
}

describe('the script of k6', () => {
  const thresholds = { failed: 0.01, p95: Duration.millis(300), p99: Duration.millis(800) };

  it("has the paper's load, and the types of k6", () => {
    const { k6 } = filesOf({ users: 4000, loops: 2, thresholds });
    expect(k6).toMatch(/executor: "per-vu-iterations",\n\s+vus: 4000,\n\s+iterations: 1,\n\s+maxDuration: "61000ms"/);
    expect(k6).toContain('const USERS = 4000;\nconst RAMP_UP_SECONDS = 1;\nconst LOOPS = 2;');
    expect(k6).toContain('http_req_failed: ["rate<=0.01"],\n    http_req_duration: ["p(95)<=300", "p(99)<=800"],');
    expect(compiled(k6)).toBe('');
  });

  it('has an open model for a rate, and the types of k6', () => {
    const { k6 } = filesOf({ rate: 200, duration: Duration.minutes(1), paths: ['/', '/a'] });
    expect(k6).toMatch(/executor: "constant-arrival-rate",\n\s+rate: 200,\n\s+timeUnit: "1s",\n\s+duration: "60000ms"/);
    expect(k6).toContain('const PATHS = ["/", "/a"];');
    expect(k6).not.toContain('http_req_duration');
    expect(compiled(k6)).toBe('');
  });

  it('has whole numbers for any rate', () => {
    const { k6 } = filesOf({ rate: 12.5, duration: Duration.minutes(1) });
    expect(k6).toMatch(/rate: 12500,\n\s+timeUnit: "1000s"/);
  });

  it('would not compile with a mistake', () => {
    const { k6 } = filesOf({ users: 1 });
    expect(compiled(k6.replace('per-vu-iterations', 'per-vu-iteration'))).toContain('per-vu-iteration');
    expect(compiled(k6.replace('redirects: 0', 'redirects: ""'))).toContain("not assignable to type 'number'");
  });
});
