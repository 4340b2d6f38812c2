import { describe, expect, it } from 'vitest';
import { Capture, Match, Template } from '../../lib/assertions/index.js';
import { App, Stack } from '../../lib/index.js';
import { aSite } from '../support.js';
import { messageOf } from './support.js';

const stack = new Stack(new App(), 's');
aSite(stack);
const template = Template.fromStack(stack);

describe('Capture', () => {
  it('keeps what it finds, as what it is', () => {
    const [port, role, all, one, isolated] = [new Capture(), new Capture(), new Capture(), new Capture(), new Capture()];
    template.hasServer('web', 'web2', { port, role });
    template.hasContainer('web2', { publishedPorts: all, isolated });
    template.hasContainer('web2', { publishedPorts: [one] });
    expect([port.asNumber(), role.asString(), isolated.asBoolean()]).toEqual([22202, 'primary', true]);
    expect(all.asArray()).toEqual([{ listen: 22202, connect: 80, allow: [] }]);
    expect(one.asObject()).toEqual({ listen: 22202, connect: 80, allow: [] });
  });

  it('keeps names too, of all that are as expected', () => {
    const name = new Capture(/^web/);
    template.hasContainer(name, { isolated: true });
    expect([name.asString(), name.next(), name.asString(), name.next(), name.asString()]).toEqual(['web2', true, 'web3', false, 'web3']);
  });

  it('keeps only what is like its pattern', () => {
    const member = new Capture('m3');
    template.findResources('Container', { member });
    expect([member.asString(), member.next()]).toEqual(['m3', false]);
    expect(messageOf(() => template.hasContainer('web2', { member: new Capture('m1') }))).toBe(
      'Container "web2" (s/web/web2/Container) is not as expected:\n  member: expected "m1", got "m2"',
    );
  });

  it('may hold another', () => {
    const inner = new Capture();
    const outer = new Capture({ listen: inner });
    template.hasContainer('web2', { publishedPorts: Match.arrayWith([outer]) });
    expect([inner.asNumber(), outer.asObject().connect]).toEqual([22202, 80]);
  });

  it('keeps nothing of what does not match as a whole', () => {
    const cpus = new Capture();
    expect(messageOf(() => template.hasMachine('m1', { cpus, memoryMiB: 1 }))).toContain('memoryMiB: expected 1, got 1024');
    template.findResources('Machine', { cpus, memoryMiB: 1 });
    template.hasMachine('m1', Match.not({ cpus, memoryMiB: 1 }));
    expect(messageOf(() => cpus.asNumber())).toBe('nothing was captured; use the capture in an assertion that holds, first');
    expect(cpus.next()).toBe(false);
  });

  it('needs something to keep', () => {
    expect(messageOf(() => template.hasContainer('web2', { memoryMiB: new Capture() }))).toBe(
      'Container "web2" (s/web/web2/Container) is not as expected:\n  memoryMiB: expected any value, got nothing',
    );
  });

  it.each<[string, (capture: Capture) => unknown, string]>([
    ['text', (capture) => capture.asString(), 'what was captured is not text, it is 1'],
    ['an array', (capture) => capture.asArray(), 'what was captured is not an array, it is 1'],
    ['an object', (capture) => capture.asObject(), 'what was captured is not an object, it is 1'],
    ['true or false', (capture) => capture.asBoolean(), 'what was captured is not true or false, it is 1'],
  ])('does not give a number as %s', (_, read, message) => {
    const cpus = new Capture();
    template.hasMachine('m1', { cpus });
    expect(messageOf(() => read(cpus))).toBe(message);
  });

  it('does not give text as a number, nor an array as an object', () => {
    const [box, provisioners] = [new Capture(), new Capture()];
    template.hasMachine('m1', { box, provisioners });
    expect(messageOf(() => box.asNumber())).toBe('what was captured is not a number, it is "bento/debian-12"');
    expect(messageOf(() => provisioners.asObject())).toBe('what was captured is not an object, it is ["cluster", "containers"]');
  });
});
