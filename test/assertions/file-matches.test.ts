import { describe, expect, it } from 'vitest';
import { Capture, Match, type Matcher, Template } from '../../lib/assertions/index.js';
import { aStack, messageOf } from './support.js';

const template = Template.fromStack(aStack());

/** Where a line stands in haproxy.cfg, counted from 1. */
const numberOf = (line: string) => (template.files()['haproxy.cfg']?.split('\n').indexOf(line) ?? -2) + 1;

describe('fileMatches', () => {
  it('finds text, a regular expression, or asks a matcher', () => {
    const text = new Capture();
    const wherever = /web2/g;
    template.fileMatches('haproxy.cfg', '    balance roundrobin\n');
    for (let time = 0; time < 9; time++) template.fileMatches('haproxy.cfg', wherever);
    template.fileMatches('haproxy.cfg', text);
    expect(text.asString()).toBe(template.files()['haproxy.cfg']);
    template.fileMatches('containers/m2.json', Match.serializedJson({ web2: { config: { 'boot.autostart': 'true' } } }));
    template.fileMatches('haproxy.conf', Match.absent());
  });

  it.each<[string, () => void, string]>([
    [
      'text',
      () => template.fileMatches('haproxy.cfg', 'balance leastconn'),
      `file "haproxy.cfg" does not contain "balance leastconn"
  nearest is line ${numberOf('    balance roundrobin')}: "    balance roundrobin"`,
    ],
    [
      'the first line that is missing',
      () => template.fileMatches('haproxy.cfg', 'frontend http\n    bind *:81 backlog\n'),
      `file "haproxy.cfg" does not contain "frontend http\\n    bind *:81 backlog\\n"
  nearest is line ${numberOf('    bind *:80 backlog 8192')}: "    bind *:80 backlog 8192"`,
    ],
    [
      'lines in another order',
      () => template.fileMatches('haproxy.cfg', '    mode http\n    balance roundrobin'),
      'file "haproxy.cfg" does not contain "    mode http\\n    balance roundrobin"\n  each of these lines is there, but not one right after the other',
    ],
    [
      'a regular expression',
      () => template.fileMatches('haproxy.cfg', /server web9 .* maxconn 16/),
      `file "haproxy.cfg" does not match /server web9 .* maxconn 16/
  nearest is line ${numberOf('    server web2 192.168.56.12:22202 maxconn 16')}: "    server web2 192.168.56.12:22202 maxconn 16"`,
    ],
    ['text like nothing there', () => template.fileMatches('haproxy.cfg', 'ÑÑÑ'), 'file "haproxy.cfg" does not contain "ÑÑÑ"'],
    [
      'a matcher',
      () => template.fileMatches('containers/m2.json', Match.serializedJson({ web2: { config: { 'limits.cpu': '2' } } })),
      'file "containers/m2.json" is not as expected:\n  web2.config["limits.cpu"]: expected "2", got ""',
    ],
    [
      'no file',
      () => template.fileMatches('.gitignore', Match.absent()),
      'file ".gitignore" is not as expected:\n  its text: expected nothing, got ".vagrant/\\n.cdkv*/\\n"',
    ],
  ])('tells what is there instead of %s', (_, assertion, message) => {
    expect(messageOf(assertion)).toBe(message);
  });

  it.each<[string, string | RegExp | Matcher]>([
    ['text', 'x'],
    ['a regular expression', /x/],
    ['Match.not', Match.not('x')],
    ['Match.anyValue', Match.anyValue()],
  ])('lists the files most like a missing one, asked for %s', (_, expected) => {
    const message = messageOf(() => template.fileMatches('haproxy.cgf', expected));
    expect(message.split('\n')[0]).toBe('stack "s" makes no file "haproxy.cgf"; did you mean "haproxy.cfg"?');
    expect(message).toMatch(/\n {2}there are "haproxy\.cfg", "software\/haproxy\.sh", .* and \d+ more$/);
  });
});
