import { describe, expect, it } from 'vitest';
import type { Stack } from '../../lib/index.js';
import { draw, type Topology, topologyOf } from '../../lib/topology/index.js';
import { DARK, LIGHT, type Theme } from '../../lib/topology/style.js';
import { FONTS, type FontName } from '../../lib/topology/svg.js';
import { widthOf } from '../../lib/topology/text.js';
import { many, mixed, three } from './stacks.js';
import { all, elements, type Node, parse, textOf } from './xml.js';

const pictureOf = (stack: Stack) => draw(topologyOf(stack));

interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Boxes and texts where they are, each with the box that it is in. */
function layOut(root: Node): {
  readonly boxes: (Area & { kind: string; inside: Area })[];
  readonly texts: (Area & { text: string; inside: Area })[];
} {
  const boxes: (Area & { kind: string; inside: Area })[] = [];
  const texts: (Area & { text: string; inside: Area })[] = [];
  const [, , width, height] = (root.attributes.viewBox ?? '').split(' ').map(Number) as [number, number, number, number];
  const walk = (node: Node, x: number, y: number, outer: Area) => {
    const at = ({ width: w, height: h }: Node['attributes']) => ({ left: x, top: y, right: x + Number(w), bottom: y + Number(h) });
    const own = elements(node).find(({ name, attributes }) => name === 'rect' && attributes.class !== 'page');
    const inside = own === undefined ? outer : at(own.attributes);
    if (own !== undefined) boxes.push({ ...inside, kind: own.attributes.class ?? '', inside: outer });
    for (const child of elements(node)) {
      const { attributes } = child;
      if (child.name === 'g') {
        const [, dx, dy] = /^translate\((\d+) (\d+)\)$/.exec(attributes.transform ?? '') ?? [];
        walk(child, x + Number(dx), y + Number(dy), inside);
      } else if (child.name === 'text') {
        const [font = 'plain', atEnd] = (attributes.class ?? '').split(' ');
        const needed = Number(attributes.textLength ?? widthOf(textOf(child), FONTS[font as FontName]));
        const [left, line] = [x + Number(attributes.x) - (atEnd === 'end' ? needed : 0), y + Number(attributes.y)];
        texts.push({ text: textOf(child), left, right: left + needed, top: line - 10, bottom: line + 3, inside });
      }
    }
  };
  walk(root, 0, 0, { left: 0, top: 0, right: width, bottom: height });
  return { boxes, texts };
}

const isIn = (inner: Area, outer: Area) =>
  inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top && inner.bottom <= outer.bottom;
const overlap = (a: Area, b: Area) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** The same with something before every string. */
function renamed(topology: Topology, before: string): Topology {
  const seen = new Map<object, object>();
  const change = (value: unknown): unknown => {
    if (typeof value === 'string') return before + value;
    if (value === null || typeof value !== 'object') return value;
    const known = seen.get(value);
    if (known !== undefined) return known;
    const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
    seen.set(value, copy);
    for (const [key, one] of Object.entries(value)) Object.assign(copy, { [key]: /^(of|\w+Of)$/.test(key) ? [] : change(one) });
    return copy;
  };
  return change(topology) as Topology;
}

const STACKS: Readonly<Record<string, () => Stack>> = {
  three,
  mixed,
  'a hundred machines': () => many(100, 1000),
  'more backends than fit side by side': () => many(30, 200, 12),
  'a machine with everything': () => many(2, 80),
};
const HOSTILE = ['', '<&>"\']]>--><script>alert(1)</script>', 'W'.repeat(80), '\u0000\u0007\n\ud800', '\ufdfd\u{1f600}\u202e\u6f22'];

describe.each(Object.entries(STACKS))('the picture of %s', (_, build) => {
  const stack = build();

  it.each(HOSTILE)('is XML, with all text inside its box and no two boxes on one another, with names like %j', (before) => {
    const text = draw(renamed(topologyOf(stack), before));
    const { boxes, texts } = layOut(parse(text));
    expect(texts.filter((one) => !isIn(one, one.inside))).toEqual([]);
    expect(boxes.filter((one) => !isIn(one, one.inside))).toEqual([]);
    const cards = boxes.filter(({ kind }) => kind === 'card');
    expect(cards.filter((card, n) => cards.slice(n + 1).some((other) => overlap(card, other)))).toEqual([]);
    // An element a line, so that each line is of few constructs.
    expect(text.split('\n').filter((line) => /<(text|rect|path|g)\b.*<(text|rect|path|g)\b/.test(line))).toEqual([]);
  });

  it('names every machine, container, frontend and backend', () => {
    const text = pictureOf(stack);
    const words = new Set(text.split(/[^\w.:-]+/).flatMap((word) => [word, word.replace(/[:,.]$/, '')]));
    const { machines, containers, frontends, backends } = topologyOf(stack);
    expect(machines.length * containers.length * frontends.length * backends.length).toBeGreaterThan(0);
    for (const { name } of [...machines, ...containers, ...frontends, ...backends]) expect(words).toContain(name);
  });

  it('is the same each time, whoever draws it, and needs nothing from elsewhere', () => {
    const text = pictureOf(stack);
    expect(text).toBe(pictureOf(build()));
    expect(text.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
      /<script|<image|<foreignObject|href|@import|url\(|font-face|\bid=/,
    );
  });

  it('has a name and a description', () => {
    const [title, description] = elements(parse(pictureOf(stack)));
    expect([title?.name, title && textOf(title), description?.name]).toEqual(['title', `Topology of ${stack.stackName}`, 'desc']);
  });
});

describe('the picture of three machines', () => {
  const root = parse(pictureOf(three()));
  const texts = all(root, 'text').map(textOf);
  const classes = (word: string) => all(root, 'path').filter(({ attributes }) => (attributes.class ?? '').split(' ').includes(word));

  it('shows addresses, ports, statistics and who founds the cluster', () => {
    for (const text of ['192.168.56.6', ':1080', 'http://192.168.56.5:1080', 'statistics /haproxy?stats', 'founder', '1 CPU, 1 GiB'])
      expect(texts).toContain(text);
    expect(texts.filter((text) => text === 'founder')).toHaveLength(1);
  });

  it('tells primaries from backups by words, lines and dashes', () => {
    expect(texts.filter((text) => text === 'primary of web-backend')).toHaveLength(2);
    expect(texts.filter((text) => text === 'backup of web-backend')).toHaveLength(2);
    expect(texts).toContain('backups when all are down');
    // One for each role, and an arrow for each server; two of the front door, one line and one arrow each.
    const lines = (role: string) => classes(role).filter(({ attributes }) => !attributes.class?.includes('mark'));
    expect([lines('primary').length, lines('backup').length - 1, classes('tip').length]).toEqual([1, 1, 6]);
  });

  it('cuts no text', () => {
    expect(texts.filter((text) => text.includes('\u2026'))).toEqual([]);
  });

  it('shows what it says in words', () => {
    expect(
      textOf(elements(root)[1] as Node)
        .trim()
        .split('\n'),
    ).toEqual([
      '3 machines, 5 containers, LXD cluster on 192.168.56.0/24.',
      'Frontend http at http://192.168.56.5:1080 leads through haproxy on vmBalanceador to backend web-backend.',
      'Backend web-backend has 2 primary servers and 2 backups.',
    ]);
  });
});

describe('the picture of many', () => {
  it('groups the containers of a machine by what they are, and draws no line to them', () => {
    const root = parse(pictureOf(many(100, 4800)));
    const titles = all(root, 'title').map(textOf);
    expect(titles).toContainEqual(expect.stringMatching(/^\d+ web servers of backend-0 \(\d+ primary, \d+ backup\): s\d+x\d+, /));
    expect(all(root, 'path').filter(({ attributes }) => /^link (primary|backup) line/.test(attributes.class ?? '')).length).toBe(0);
  });

  it('stays small and is drawn in linear time', { timeout: 60_000 }, () => {
    const cost = (containers: number) => {
      const topology = topologyOf(many(120, containers));
      const times = Array.from({ length: 5 }, () => {
        const start = performance.now();
        const { length } = draw(topology);
        expect(length).toBeLessThan(1_000_000);
        return performance.now() - start;
      });
      return Math.min(...times);
    };
    // Ten times as many; the rest is for a busy machine.
    expect(cost(10_000)).toBeLessThan(30 * cost(1000) + 50);
  });
});

describe.each<[string, Theme]>([
  ['light', LIGHT],
  ['dark', DARK],
])('the %s colours', (_, theme) => {
  const grounds = [theme.page, theme.card, theme.row];

  it.each([...[theme.text, theme.muted].map((colour) => [colour, 4.5] as const), ...theme.colours.map((colour) => [colour, 3] as const)])(
    '%s has a contrast of %f to what it stands on',
    (colour, least) => {
      for (const ground of grounds) expect(contrast(colour, ground)).toBeGreaterThanOrEqual(least);
    },
  );
});

/** As WCAG 2 has it. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string) => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}
