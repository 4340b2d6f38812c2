import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { DISTURBANCES, type DrillStep, type Expectation } from './drill.js';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** A script that is none, with all that is wrong with it. */
export class DrillScriptError extends Error {
  public constructor(public readonly problems: readonly { readonly line: number; readonly message: string }[]) {
    super(problems.map(({ line, message }) => `line ${line}: ${message}`).join('\n'));
    this.name = 'DrillScriptError';
  }
}

/**
 * The steps of a drill from YAML, or JSON: a list of
 *
 *     - stop: web1                 # or hang, slow, break, powerOff, restore; several: [web1, web2]
 *     - wait: 2s                   # 500ms, 2s, 1m
 *     - expect: { serves: [web2], within: 5s, failed: 0 }
 *
 * @param servers names that it may use; without them, any
 * @throws DrillScriptError
 */
export function parseDrill(script: string, servers?: readonly string[]): DrillStep[] {
  return new Reader(script, servers).read();
}

class Reader {
  private readonly problems: { line: number; message: string }[] = [];
  private readonly lines = new LineCounter();

  public constructor(
    private readonly script: string,
    private readonly servers: readonly string[] | undefined,
  ) {}

  public read(): DrillStep[] {
    const { contents, errors } = parseDocument(this.script, { lineCounter: this.lines, prettyErrors: false });
    for (const { pos, message } of errors) this.note(pos[0], message);
    const steps = errors.length > 0 ? [] : this.steps(contents);
    if (this.problems.length > 0) throw new DrillScriptError(this.problems);
    return steps;
  }

  private steps(node: Node | null): DrillStep[] {
    if (!isSeq(node) || node.items.length === 0) return this.refuse(node, 'a script is a list of steps, like "- stop: web1"', []);
    return node.items.flatMap((item): DrillStep[] => {
      const [pair, ...more] = isMap(item) ? (item.items as Pair<Node, Node | null>[]) : [];
      const words = `one of ${DISTURBANCES.join(', ')}, wait, expect`;
      if (pair === undefined || more.length > 0) return this.refuse(item as Node, `a step is one word and what it is about: ${words}`, []);
      const word = String(pair.key);
      const action = DISTURBANCES.find((one) => one === word);
      if (action !== undefined) {
        return this.names(pair.value, word, pair.key).map((server) => ({ action, server }));
      }
      if (word === 'wait') return [{ waitMs: this.time(pair.value, word, pair.key) }];
      if (word === 'expect') return [{ expect: this.expectation(pair.value, pair.key) }];
      return this.refuse(pair.key, `${JSON.stringify(word)} is no step; use ${words}`, []);
    });
  }

  private expectation(node: Node | null, at: Node): Expectation {
    const example = 'write it like { serves: [web2], within: 5s }';
    const nothing = { serves: [], withinMs: 0 };
    if (!isMap(node)) return this.refuse(node ?? at, `"expect" says who is to serve; ${example}`, nothing);
    const found: { serves?: string[]; withinMs?: number; maxFailed?: number } = {};
    for (const { key, value } of node.items as Pair<Node, Node | null>[]) {
      const word = String(key);
      if (word === 'serves') found.serves = this.names(value, word, key);
      else if (word === 'within') found.withinMs = this.time(value, word, key);
      else if (word === 'failed') found.maxFailed = this.count(value, key);
      else this.refuse(key, `${JSON.stringify(word)} is nothing to expect; use serves, within, failed`, undefined);
    }
    const { serves, withinMs, ...more } = found;
    if (serves === undefined || withinMs === undefined) {
      const lacking = [...(serves === undefined ? ['serves'] : []), ...(withinMs === undefined ? ['within'] : [])];
      return this.refuse(at, `"expect" lacks ${lacking.join(' and ')}; ${example}`, nothing);
    }
    return { serves, withinMs, ...more };
  }

  private names(node: Node | null, word: string, at: Node): string[] {
    const nodes = isSeq(node) ? (node.items as Node[]) : [node];
    return nodes.flatMap((one) => {
      if (!isScalar(one) || typeof one.value !== 'string' || one.value === '')
        return this.refuse(one ?? at, `"${word}" takes the name of a server, or a list: [web1, web2]`, []);
      const name = one.value;
      if (this.servers !== undefined && !this.servers.includes(name))
        return this.refuse(one, `there is no server ${JSON.stringify(name)}; there are: ${this.servers.join(', ')}`, []);
      return [name];
    });
  }

  private time(node: Node | null, word: string, at: Node): number {
    const text = isScalar(node) ? String(node.value) : '';
    const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? [];
    const milliseconds = Math.round(Number(amount) * (UNITS[unit ?? ''] ?? 0));
    if (amount === undefined || milliseconds < 1 || milliseconds > 3_600_000)
      return this.refuse(node ?? at, `"${word}" takes a time up to an hour, like 500ms, 2s or 1m`, 0);
    return milliseconds;
  }

  private count(node: Node | null, at: Node): number {
    const value = isScalar(node) ? node.value : undefined;
    if (!Number.isSafeInteger(value) || (value as number) < 0)
      return this.refuse(node ?? at, '"failed" takes how many requests may fail, like 0', 0);
    return value as number;
  }

  private refuse<T>(node: Node | null, message: string, instead: T): T {
    this.note(node?.range?.[0] ?? 0, message);
    return instead;
  }

  private note(offset: number, message: string): void {
    this.problems.push({ line: this.lines.linePos(offset).line || 1, message });
  }
}
