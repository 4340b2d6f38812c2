import { describe, expect, it } from 'vitest';
import { Capture, Match, type Matcher } from '../../lib/assertions/index.js';

/** What differs, a line each. */
function differences(matcher: Matcher, actual: unknown): string[] {
  return matcher.test(actual).differences.map(({ path, expected, actual: got }) => `${path}: ${expected} / ${got}`);
}

/** Matcher, what it matches, and what it does not, with what is said then. */
const ROWS: readonly (readonly [string, Matcher, readonly unknown[], readonly (readonly [unknown, readonly string[]])[]])[] = [
  [
    'objectLike',
    Match.objectLike({ a: 1, b: { c: [{ d: 'x' }] } }),
    [
      { a: 1, b: { c: [{ d: 'x' }] } },
      { a: 1, b: { c: [{ d: 'x', more: 1 }], more: 2 }, more: 3 },
    ],
    [
      [{ a: 2, b: { c: [{ d: 'y' }] } }, ['a: 1 / 2', 'b.c[0].d: "x" / "y"']],
      [{ a: 1, b: { c: [] } }, ['b.c[0]: { d: "x" } / nothing']],
      [{ a: 1, b: { c: [{ d: 'x' }, 5] } }, ['b.c[1]: nothing / 5']],
      [{ a: 1, b: 'text' }, ['b: { c: [{ d: "x" }] } / "text"']],
      [{ a: 1, b: { c: { d: 'x' } } }, ['b.c: [{ d: "x" }] / { d: "x" }']],
      [undefined, [': { a: 1, b: { c: [{ d: "x" }] } } / nothing']],
      [null, [': { a: 1, b: { c: [{ d: "x" }] } } / null']],
      [[], [': { a: 1, b: { c: [{ d: "x" }] } } / []']],
    ],
  ],
  [
    'a property that may be misspelt',
    Match.objectLike({ memory: 512 }),
    [{ memory: 512 }],
    [
      [{ memoryMiB: 512 }, ['memory: 512 / nothing, but there is "memoryMiB"']],
      [{ cpus: 512 }, ['memory: 512 / nothing']],
    ],
  ],
  [
    'names that every object inherits',
    Match.objectLike({ toString: Match.absent() }),
    [{}],
    [[{ toString: 1 }, ['toString: nothing / 1']]],
  ],
  [
    'objectEquals',
    Match.objectEquals({ a: { b: 1 }, c: [{ d: 1 }] }),
    [{ a: { b: 1 }, c: [{ d: 1 }] }],
    [
      [{ a: { b: 1, x: 2 }, c: [{ d: 1, y: 3 }], z: 4 }, ['a.x: nothing / 2', 'c[0].y: nothing / 3', 'z: nothing / 4']],
      [{ a: { b: 1 } }, ['c: [{ d: 1 }] / nothing']],
    ],
  ],
  [
    'objectLike in objectEquals',
    Match.objectEquals({ a: Match.objectLike({ b: 1 }) }),
    [{ a: { b: 1, c: 2 } }],
    [[{ a: { b: 1 }, c: 2 }, ['c: nothing / 2']]],
  ],
  [
    'arrayWith',
    Match.arrayWith([1, 3]),
    [
      [1, 3],
      [0, 1, 2, 3, 4],
    ],
    [
      [[3, 1], [': an element 3 after [1] / [3, 1]']],
      [[1], [': an element 3 after [0] / [1]']],
      [[], [': an element 1 / []', ': an element 3 / []']],
      ['13', [': an array with [1, 3] / "13"']],
      [undefined, [': an array with [1, 3] / nothing']],
    ],
  ],
  ['arrayWith of the same twice', Match.arrayWith([1, 1]), [[1, 2, 1]], [[[1, 2], [': an element 1 after [0] / [1, 2]']]]],
  [
    'arrayWith of objects',
    Match.arrayWith([{ listen: 80, connect: 81 }]),
    [[{ listen: 1 }, { listen: 80, connect: 81, allow: [] }]],
    [
      [
        [{ listen: 1 }, { listen: 80, connect: 1 }],
        [': an element { listen: 80, connect: 81 } / [{ listen: 1 }, { listen: 80, connect: 1 }]', '[1].connect: 81 / 1'],
      ],
    ],
  ],
  [
    'arrayWith after what was found',
    Match.objectLike({ ports: Match.arrayWith([{ listen: 80 }, { listen: 443 }]) }),
    [{ ports: [{ listen: 80 }, { listen: 443 }] }],
    [
      [
        { ports: [{ listen: 443 }, { listen: 80 }, { listen: 444 }] },
        ['ports: an element { listen: 443 } after [1] / [{ listen: 443 }, { listen: 80 }, { listen: 444 }]', 'ports[2].listen: 443 / 444'],
      ],
    ],
  ],
  [
    'arrayWith when nothing is left',
    Match.arrayWith([{ a: 1 }, { b: 2 }]),
    [[{ a: 1 }, { b: 2 }]],
    [[[{ a: 1 }], [': an element { b: 2 } after [0] / [{ a: 1 }]']]],
  ],
  [
    'arrayEquals',
    Match.arrayEquals([{ a: 1 }, 2]),
    [[{ a: 1 }, 2]],
    [
      [[{ a: 1, b: 2 }, 2], ['[0].b: nothing / 2']],
      [[{ a: 1 }, 2, 3], ['[2]: nothing / 3']],
      [[{ a: 1 }], ['[1]: 2 / nothing']],
      [{}, [': [{ a: 1 }, 2] / {}']],
    ],
  ],
  ['exact', Match.exact({ a: 1 }), [{ a: 1 }], [[{ a: 1, b: 2 }, ['b: nothing / 2']]]],
  ['exact of a plain value', Match.exact(1), [1], [['1', [': 1 / "1"']]]],
  [
    'anyValue',
    Match.anyValue(),
    [0, '', false, [], {}],
    [
      [undefined, [': any value / nothing']],
      [null, [': any value / null']],
    ],
  ],
  ['absent', Match.objectLike({ a: Match.absent() }), [{}, { b: 1 }], [[{ a: null }, ['a: nothing / null']]]],
  ['undefined, as absent', Match.objectLike({ a: undefined }), [{}], [[{ a: 1 }, ['a: nothing / 1']]]],
  [
    'not',
    Match.not({ a: 1 }),
    [{ a: 2 }, 'text', null],
    [
      [{ a: 1, b: 2 }, [': anything but { a: 1 } / { a: 1, b: 2 }']],
      [undefined, [': anything but { a: 1 } / nothing']],
    ],
  ],
  ['not of a matcher', Match.not(Match.absent()), [1, null], [[undefined, [': anything but nothing / nothing']]]],
  [
    'stringLikeRegexp',
    Match.stringLikeRegexp('^b.nt'),
    ['bento'],
    [
      ['a bento', [': text matching /^b.nt/ / "a bento"']],
      [5, [': text matching /^b.nt/ / 5']],
      [undefined, [': text matching /^b.nt/ / nothing']],
    ],
  ],
  [
    'a regular expression',
    Match.objectLike({ box: /BENTO/i }),
    [{ box: 'a bento' }],
    [[{ box: 'x' }, ['box: text matching /BENTO/i / "x"']]],
  ],
  [
    'serializedJson',
    Match.serializedJson({ a: Match.arrayWith([1]) }),
    ['{"a":[0,1],"b":2}'],
    [
      ['{"a":[]}', ['a: an element 1 / []']],
      ['{', [': the JSON of { a: an array with [1] } / "{"']],
      [undefined, [': the JSON of { a: an array with [1] } / nothing']],
      [{ a: [1] }, [': the JSON of { a: an array with [1] } / { a: [1] }']],
    ],
  ],
  [
    'odd names',
    Match.objectLike({ 'limits.cpu': { 'a"b': 1 } }),
    [{ 'limits.cpu': { 'a"b': 1 } }],
    [[{ 'limits.cpu': {} }, ['["limits.cpu"]["a\\"b"]: 1 / nothing']]],
  ],
];

describe('Match', () => {
  it.each(ROWS)('%s', (_, matcher, matching, others) => {
    for (const actual of matching) expect(differences(matcher, actual)).toEqual([]);
    for (const [actual, said] of others) expect(differences(matcher, actual)).toEqual(said);
  });

  it('finds with a global regular expression each time', () => {
    const matcher = Match.stringLikeRegexp(/b/g);
    for (let time = 0; time < 3; time++) expect(differences(matcher, 'ab')).toEqual([]);
  });

  it.each<[Matcher, string]>([
    [Match.objectLike({ a: [1, 'x', null] }), '{ a: [1, "x", null] }'],
    [Match.objectEquals({ a: 1 }), 'exactly { a: 1 }'],
    [Match.arrayEquals([]), 'exactly []'],
    [Match.exact('x'), '"x"'],
    [Match.not(Match.arrayWith([Match.anyValue(), Match.absent()])), 'anything but an array with [any value, nothing]'],
    [new Capture(), 'any value'],
    [new Capture(/x/), 'text matching /x/'],
    [Match.exact('y'.repeat(300)), `"${'y'.repeat(199)}... (302 characters)`],
  ])('%# is shown as a person reads it', (matcher, text) => {
    expect(matcher.describe()).toBe(text);
  });
});
