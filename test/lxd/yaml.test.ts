import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { yaml } from '../../lib/core/quoting.js';
import { asYaml } from '../../lib/lxd/yaml.js';
import { AWKWARD } from '../strings.js';
import { output } from '../support.js';

const READ = 'import sys, yaml, json; print(json.dumps([yaml.safe_load(text) for text in json.load(sys.stdin)]))';
/** What libyaml makes of documents. */
const libyaml = (documents: readonly string[]) =>
  JSON.parse(output('/usr/bin/python3', ['-c', READ], { input: JSON.stringify(documents) }));

const mayBe = (text: string) => {
  try {
    return yaml(text) === text;
  } catch {
    return false; // it would be refused
  }
};

describe('asYaml', () => {
  it('writes blocks', () => {
    const content = {
      a: [],
      b: {},
      c: [1, [true, [null]], { d: 'x y', e: { f: 'yes' } }],
      'g h': '1',
      i: undefined,
      '10.1.2.3/24': '10.1.2.3:80',
    };
    expect(asYaml(content)).toBe(`a: []
b: {}
c:
  - 1
  - - true
    - - null
  - d: x y
    e:
      f: "yes"
g h: "1"
10.1.2.3/24: 10.1.2.3:80
`);
  });

  it('is read as what it was made of, by YAML 1.1 and 1.2, be it as it may', () => {
    const text = fc.oneof(fc.constantFrom(...AWKWARD), fc.string(), fc.string({ unit: 'binary' }), fc.stringMatching(/^[-+.:\w ]{0,12}$/));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        tie('list'),
        tie('map'),
      ),
      list: fc.array(tie('value'), { maxLength: 4 }),
      map: fc.dictionary(text, tie('value'), { maxKeys: 4 }),
    }));
    const values = fc.sample(value, { numRuns: 3000, seed: 7 }).filter((one) => mayBe(asYaml(one)));
    expect(values.length).toBeGreaterThan(1500);
    // JSON knows no -0, and no prototype.
    const plain = values
      .map((one) => JSON.parse(JSON.stringify(one)) as unknown)
      .filter((one) => !JSON.stringify(one).includes('"__proto__"'));
    const documents = plain.map(asYaml);
    for (const version of ['1.1', '1.2'] as const) expect(documents.map((document) => parse(document, { version }))).toEqual(plain);
    expect(libyaml(documents)).toEqual(plain);
  });

  it('writes long keys', () => {
    const content = { ['k'.repeat(2000)]: { a: 1 }, ['ü "'.repeat(600)]: ['b'] };
    expect(libyaml([asYaml(content)])).toEqual([content]);
    expect(parse(asYaml(content))).toEqual(content);
  });
});
