import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Container, Labels, type Stack } from '../../lib/index.js';
import { aCluster, itRefuses, ROOT, removeTemporaries, run, stackOf } from '../support.js';

removeTemporaries();

describe('Labels', () => {
  it('reach machines and containers below, the nearest value counts', () => {
    const { files, folder } = stackOf((stack) => {
      const { cluster, m1, m2 } = aCluster(stack);
      const box = new Container(stack, 'box', { on: m1 });
      new Container(stack, 'crate', { on: m2 });
      Labels.of(stack).add('team', 'web "#{1}" ü').add('course', 'c1');
      Labels.of(cluster).add('course', 'c2');
      Labels.of(box).add('team', "it's a box");
    });
    const settings = JSON.parse(files['s/containers/m1.json'] ?? '').box.config;
    expect(settings).toMatchObject({ 'user.label.team': "it's a box", 'user.label.course': 'c1' });
    expect(JSON.parse(files['s/containers/m2.json'] ?? '').crate.config['user.label.course']).toBe('c1');
    const { out, err } = run('ruby', [join(ROOT, 'test/vagrant/stub.rb'), join(folder, 'Vagrantfile')]);
    expect(err).toBe('');
    const description = JSON.stringify('course=c2\nteam=web "#{1}" \u00fc');
    expect(out.split(`["description=",${description}]`)).toHaveLength(4);
    expect(out).toContain(`["customize",["modifyvm","id","--description",${description}]]`);
  });

  it('leave no trace where there are none', () => {
    const { files } = stackOf((stack) => void new Container(stack, 'box', { on: aCluster(stack).m1 }));
    expect(Object.values(files).filter((text) => /user\.label|labelled/.test(text) && !text.includes('# --- containers'))).toEqual([]);
  });

  itRefuses(import.meta.url, [
    {
      id: 'bad-label',
      when: 'its key',
      path: 's',
      says: ['"Team"', 'lower-case'],
      line: 'elsewhere',
      build: (stack) => labelled(stack, 'Team', 'x'),
    },
    {
      id: 'bad-label',
      when: 'its value',
      path: 's',
      says: ['"a\\nb"', 'control characters'],
      line: 'elsewhere',
      build: (stack) => labelled(stack, 'team', 'a\nb'),
    },
    {
      id: 'bad-label',
      when: 'its value, which JavaScript may leave out',
      path: 's',
      says: ['label "team" is not given', 'give it a text'],
      line: 'elsewhere',
      build: (stack) => labelled(stack, 'team', undefined as unknown as string),
    },
  ]);
});

function labelled(stack: Stack, key: string, value: string): void {
  aCluster(stack);
  Labels.of(stack).add(key, value);
}
