import { expect, it } from 'vitest';
import { type DrillScriptError, parseDrill } from '../../lib/trials/index.js';

const SERVERS = ['web1', 'web2'];

/** What is wrong with a script, a line each. */
function problemsOf(script: string): string[] {
  try {
    parseDrill(script, SERVERS);
  } catch (error) {
    return (error as DrillScriptError).problems.map(({ line, message }) => `${line}: ${message}`);
  }
  return [];
}

it('reads steps', () => {
  const script = `
# a comment
- stop: web1
- hang: [web1, web2]
- powerOff: web2
- wait: 500ms
- wait: 1.5s
- wait: 1m
- expect: { serves: [web2], within: 5s, failed: 3 }
- expect:
    serves: web1
    within: 2s
- expect: { serves: [], within: 2s }
- restore: web1
`;
  expect(parseDrill(script, SERVERS)).toEqual([
    { action: 'stop', server: 'web1' },
    { action: 'hang', server: 'web1' },
    { action: 'hang', server: 'web2' },
    { action: 'powerOff', server: 'web2' },
    { waitMs: 500 },
    { waitMs: 1500 },
    { waitMs: 60_000 },
    { expect: { serves: ['web2'], withinMs: 5000, maxFailed: 3 } },
    { expect: { serves: ['web1'], withinMs: 2000 } },
    { expect: { serves: [], withinMs: 2000 } },
    { action: 'restore', server: 'web1' },
  ]);
});

it('reads JSON, too', () => {
  expect(parseDrill('[{"slow": "web1"}, {"expect": {"serves": ["web2"], "within": "5s"}}]')).toEqual([
    { action: 'slow', server: 'web1' },
    { expect: { serves: ['web2'], withinMs: 5000 } },
  ]);
});

it('tells all that is wrong, with the lines', () => {
  const script = `- stop: web9
- stop:
- explode: web1
- wait: 5
- wait: 2h
- just words
- stop: web1
  wait: 1s
- expect: web1
- expect: { serves: [web1] }
- expect: { serves: [web8], within: soon, failed: -1, at: noon }
- break: [web1, [web2]]
`;
  expect(problemsOf(script)).toEqual([
    '1: there is no server "web9"; there are: web1, web2',
    '2: "stop" takes the name of a server, or a list: [web1, web2]',
    '3: "explode" is no step; use one of stop, hang, slow, break, powerOff, restore, wait, expect',
    '4: "wait" takes a time up to an hour, like 500ms, 2s or 1m',
    '5: "wait" takes a time up to an hour, like 500ms, 2s or 1m',
    '6: a step is one word and what it is about: one of stop, hang, slow, break, powerOff, restore, wait, expect',
    '7: a step is one word and what it is about: one of stop, hang, slow, break, powerOff, restore, wait, expect',
    '9: "expect" says who is to serve; write it like { serves: [web2], within: 5s }',
    '10: "expect" lacks within; write it like { serves: [web2], within: 5s }',
    '11: there is no server "web8"; there are: web1, web2',
    '11: "within" takes a time up to an hour, like 500ms, 2s or 1m',
    '11: "failed" takes how many requests may fail, like 0',
    '11: "at" is nothing to expect; use serves, within, failed',
    '12: "break" takes the name of a server, or a list: [web1, web2]',
  ]);
});

it.each(['', 'stop: web1', '[]', '# nothing\n'])('refuses what is no list of steps: %j', (script) => {
  expect(problemsOf(script)).toEqual(['1: a script is a list of steps, like "- stop: web1"']);
});

it('tells where the YAML itself is broken', () => {
  expect(problemsOf('- stop: web1\n- wait: [1s\n- stop: web2')[0]).toMatch(/^[23]: /);
});
