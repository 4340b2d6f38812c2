import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RootConstruct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { Capture, Match, Template } from '../../lib/assertions/index.js';
import { App, Machine, Stack, SynthesisError } from '../../lib/index.js';
import { removeTemporaries, synth, temporary } from '../support.js';
import { anEmptyStack, aStack, messageOf } from './support.js';

removeTemporaries();

const template = Template.fromStack(aStack());

describe('fromStack', () => {
  it('writes nothing, and leaves the app to be synthesised', () => {
    const app = new App({ outdir: join(temporary(), 'out') });
    const stack = aStack(app);
    const { files } = Template.fromStack(stack).toJSON();
    expect(existsSync(app.outdir)).toBe(false);
    expect(synth(app).written.toSorted()).toEqual(files.map((path) => `s/${path}`));
    expect(Template.fromStack(stack).toJSON().files).toEqual(files);
  });

  it('throws all errors of the app', () => {
    const stack = aStack();
    new Machine(stack, 'm_4', { address: '1.2.3' });
    expect(() => Template.fromStack(stack)).toThrow(SynthesisError);
    expect(() => Template.fromStack(stack)).toThrow(/\[bad-host-name\][\s\S]*\[bad-address\]/);
  });

  it('says so when there is no app', () => {
    expect(() => Template.fromStack(new Stack(new RootConstruct(), 's'))).toThrow(
      new Error(`stack "s" has no App above it; make it below one: new Stack(new App(), 's')`),
    );
  });

  it('knows its own stack only', () => {
    const app = new App();
    const stack = aStack(app);
    const other = new Stack(app, 'other');
    new Machine(other, 'm9', { address: '192.168.56.19' });
    Template.fromStack(stack).resourceCountIs('Machine', 3);
    Template.fromStack(stack).fileMatches('Vagrantfile', Match.not(/m9/));
    Template.fromStack(other).resourceCountIs('Machine', 1);
    Template.fromStack(other).fileMatches('Vagrantfile', 'm9');
  });
});

describe('resourceCountIs', () => {
  it('counts', () => {
    template.resourceCountIs('Machine', 3);
    template.resourceCountIs('Nothing', 0);
  });

  it('tells how many there are', () => {
    expect(messageOf(() => template.resourceCountIs('WebServer', 2))).toBe(
      'expected 2 resources of type WebServer\n  there are 3: "web2", "web3", "spare"',
    );
    expect(messageOf(() => Template.fromStack(anEmptyStack()).resourceCountIs('Machine', 1))).toBe(
      'expected 1 resource of type Machine\n  there are no resources',
    );
  });
});

describe('findResources', () => {
  it('gives their properties by name', () => {
    expect(Object.keys(template.findResources('Machine'))).toEqual(['m1', 'm2', 'm3']);
    expect(Object.keys(template.findResources('Container', { member: 'm2' }))).toEqual(['web2', 'spare']);
    expect(template.findResources('Member', { isFounder: true })).toEqual({
      m1: { cluster: 'Cluster', address: '192.168.56.11', isFounder: true, containers: ['haproxy'] },
    });
    expect(template.findResources('Machine', { cpus: 2 })).toEqual({});
  });

  it('captures from all that match, and from no other', () => {
    const address = new Capture();
    template.findResources('WebServer', { role: 'primary', address });
    expect([address.asString(), address.next(), address.asString(), address.next()]).toEqual([
      '192.168.56.12',
      true,
      '192.168.56.13',
      false,
    ]);
  });
});

describe('allResources', () => {
  it('holds when all are so', () => {
    const name = new Capture();
    template.allResources('Machine', { cpus: 1, address: name });
    expect([name.asString(), name.next(), name.next(), name.next()]).toEqual(['192.168.56.11', true, true, false]);
  });

  it('tells who is not', () => {
    const cpus = new Capture();
    expect(messageOf(() => template.allResources('Machine', { address: /2$/, cpus }))).toBe(
      `2 of 3 resources of type Machine are not as expected
"m1" (s/Cluster/m1/Machine) is not as expected:
  address: expected text matching /2$/, got "192.168.56.11"
"m3" (s/Cluster/m3/Machine) is not as expected:
  address: expected text matching /2$/, got "192.168.56.13"`,
    );
    expect(() => cpus.asNumber()).toThrow('nothing was captured');
  });

  it('does not hold for nobody', () => {
    expect(messageOf(() => Template.fromStack(anEmptyStack()).allResources('Machine', {}))).toBe(
      'expected at least 1 resource of type Machine\n  there are no resources',
    );
  });
});

describe('what is there', () => {
  it('is the text of every file', () => {
    const files = template.files();
    expect(Object.keys(files)).toEqual(expect.arrayContaining(['Vagrantfile', 'haproxy.cfg', 'manifest.json', 'tree.json']));
    expect(files['.gitignore']).toBe('.vagrant/\n.cdkv*/\n');
    expect(JSON.parse(files['manifest.json'] ?? '').version).toBe(1);
  });

  it('is plain data, the same for the same stack', () => {
    const json = template.toJSON();
    expect(JSON.parse(JSON.stringify(json))).toStrictEqual(json);
    expect(Template.fromStack(aStack()).toJSON()).toStrictEqual(json);
    expect(Object.keys(json.resources.Machine ?? {})).toEqual(['m1', 'm2', 'm3']);
  });
});
