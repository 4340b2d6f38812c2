import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ORPHAN } from '../lib/core/index.js';
import { Rules } from '../lib/index.js';
import { MESSAGES, messagesDocument } from '../lib/messages.js';
import { ROOT } from './support.js';

const read = (folder: string, ending: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending) && !name.startsWith('e2e'))
    .map((name) => readFileSync(join(ROOT, folder, name), 'utf8'))
    .join('\n');

describe('the table of findings', () => {
  const source = read('lib', '.ts');
  const added = [...source.matchAll(/\.addError(?:At)?\(\s*(?:[\w.()]+,\s*)?'([a-z-]+)'/g)].map(([, id]) => [id, { severity: 'error' }]);
  const thrown = [...source.matchAll(/severity: 'error'(?: as const)?, id: '([a-z-]+)'/g)].map(([, id]) => [id, { severity: 'error' }]);
  const found = [[ORPHAN, { severity: 'info' }]];
  const judged = Rules.all().rules.map(({ id, severity, category }) => [id, { severity, category }]);

  it('has what the code tells, and nothing else', () => {
    const table = Object.fromEntries(Object.entries(MESSAGES).map(([id, { severity, category }]) => [id, { severity, category }]));
    expect(table).toEqual(Object.fromEntries([...added, ...thrown, ...found, ...judged]));
  });

  it('has warnings and notes of rules only, so that each can be switched off', () => {
    expect(source).not.toMatch(/(?<!Annotations\.of\(on\))\.add(Warning|Info)\(/);
  });

  it('has nothing that no test provokes', () => {
    const tests = read('test', '.test.ts');
    expect(
      Object.keys(MESSAGES).filter((id) => !tests.includes(`id: '${id}'`) && !tests.includes(`[${id}`) && !tests.includes(`\\[${id}`)),
    ).toEqual([]);
  });

  it('is what the document shows: npm run docs', () => {
    expect(readFileSync(join(ROOT, 'docs/MESSAGES.md'), 'utf8')).toBe(messagesDocument());
  });
});
