import { spawn } from 'node:child_process';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { hap, js, note, rb, sh, UnquotableError, xml, yaml } from '../../lib/core/quoting.js';
import { asYaml } from '../../lib/lxd/yaml.js';
import { AWKWARD, anyString } from '../strings.js';
import { fill, output, removeTemporaries, temporary } from '../support.js';

removeTemporaries();

// Any string is refused, or reaches the program that reads it as it is. The programs judge, a thousand strings in one process.

const COUNT = 2000;

/** Strings of all kinds, the awkward ones among them. The same in each run. */
const strings = (): string[] => [...AWKWARD, ...fc.sample(anyString, { numRuns: COUNT, seed: 20 })];

/** Those that a helper takes, quoted. What it refuses holds a character that it names. */
function taken(quote: (value: string) => string, refused: RegExp) {
  const all = strings();
  const pairs = all.flatMap((text) => {
    try {
      return [{ text, quoted: quote(text) }];
    } catch (error) {
      expect(error).toBeInstanceOf(UnquotableError);
      expect(text).toMatch(refused);
      return [];
    }
  });
  expect(pairs.filter(({ text }) => refused.test(text))).toEqual([]);
  expect(pairs.length).toBeGreaterThanOrEqual(1000);
  return pairs;
}

/** A lone surrogate is no text in any encoding; what writes a file replaces it. */
const written = (text: string) => Buffer.from(text).toString();
const NUL = /\0/;
const LINE = /[\0\r\n]/;
const UNPRINTABLE = /(?!\t)[\p{Cc}\p{Cs}\u2028\u2029\ufffe\uffff]/u;
/** What YAML takes for a line break or not at all, and NUL; the other characters before U+0020 are written in another way. */
const NOT_IN_YAML = /[\0\x7f-\x9f\p{Cs}\u2028\u2029\ufffe\uffff]/u;

/** YAML as libyaml reads it, which LXD's parser descends from. */
const libyaml = (input: string) =>
  JSON.parse(output('ruby', ['-ryaml', '-rjson', '-e', 'print YAML.safe_load($stdin.read).to_json'], { input }));

describe('any string', () => {
  it('of sh reaches a program that bash runs', () => {
    const pairs = taken(sh, NUL);
    const folder = fill(temporary(), { 'x.sh': pairs.map(({ quoted }) => `printf '%s\\0' ${quoted}\n`).join('') });
    const heard = output('bash', [join(folder, 'x.sh')]).split('\0');
    expect(heard.slice(0, -1)).toEqual(pairs.map(({ text }) => written(text)));
  });

  it('of rb reaches Ruby', () => {
    const pairs = taken(rb, NUL);
    const folder = fill(temporary(), { 'x.rb': `print [\n${pairs.map(({ quoted }) => `${quoted},\n`).join('')}].join("\\0")\n` });
    expect(output('ruby', ['-w', join(folder, 'x.rb')]).split('\0')).toEqual(pairs.map(({ text }) => written(text)));
  });

  it('of xml reaches a parser of XML, in text and in attributes', () => {
    const pairs = taken(xml, /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u);
    const folder = fill(temporary(), { x: `<r>${pairs.map(({ quoted }) => `<v a="${quoted}">${quoted}</v>`).join('')}</r>` });
    const heard = [...output('xmllint', ['--c14n', join(folder, 'x')]).matchAll(/<v a="([^"]*)">([^<]*)<\/v>/g)];
    expect(heard.map(([, attribute]) => canonical(attribute))).toEqual(pairs.map(({ text }) => text));
    expect(heard.map(([, , content]) => canonical(content))).toEqual(pairs.map(({ text }) => text));
  });

  it('of js reaches JavaScript', () => {
    const pairs = taken(js, NUL);
    const folder = fill(temporary(), { 'x.mjs': `process.stdout.write(JSON.stringify([${pairs.map(({ quoted }) => quoted)}]));` });
    expect(JSON.parse(output('node', [join(folder, 'x.mjs')]))).toEqual(pairs.map(({ text }) => text));
  });

  it('of note stays in its comment, in each language', () => {
    const comments = taken(note, UNPRINTABLE)
      .map(({ quoted }) => `# ${quoted}\n`)
      .join('');
    const folder = fill(temporary(), {
      x: `${comments}printf 'ended'\n`,
      'x.cfg': `${comments}frontend x\nbind :80\ntimeout client 9s\n`,
      'x.nft': `${comments}table inet x\n`,
    });
    expect(output('bash', [join(folder, 'x')])).toBe('ended');
    expect(output('ruby', [join(folder, 'x')])).toBe('ended');
    expect(output('haproxy', ['-c', '-dW', '-f', join(folder, 'x.cfg')])).toContain('Configuration file is valid');
    const [program, ...words] = process.getuid?.() === 0 ? ['nft'] : ['unshare', '-rn', 'nft'];
    output(program as string, [...words, '-c', '-f', join(folder, 'x.nft')]);
    expect(libyaml(`${comments}x: y\n`)).toEqual({ x: 'y' });
  });

  it.each([
    ['YAML', (text: string) => asYaml([text])],
    ['JSON', (text: string) => `- ${JSON.stringify(text)}\n`],
  ])('of %s comes back where LXD reads it', (_, write) => {
    const pairs = taken((text) => yaml(write(text)), NOT_IN_YAML);
    const all = pairs.map(({ text }) => text);
    const document = pairs.map(({ quoted }) => quoted).join('');
    expect(parse(document, { version: '1.1' })).toEqual(all);
    expect(libyaml(document)).toEqual(all);
  });

  it('of JSON reaches jq', () => {
    const pairs = taken((text) => yaml(JSON.stringify(text)), NOT_IN_YAML);
    const input = `[${pairs.map(({ quoted }) => quoted).join(',\n')}]`;
    expect(JSON.parse(output('jq', ['.'], { input }))).toEqual(pairs.map(({ text }) => text));
  });

  it('of hap reaches HAProxy, which answers it', async () => {
    const pairs = taken(hap, LINE).filter(({ text }) => text !== '');
    const port = await freePort();
    const rules = pairs.map(
      ({ quoted }, n) => `  http-request return status 200 content-type text/plain string ${quoted} if { path /${n} }\n`,
    );
    const configuration = `global\n  maxconn 100\ndefaults\n  mode http\n  timeout client 9s\nfrontend x\n  bind 127.0.0.1:${port}\n${rules.join('')}`;
    const folder = fill(temporary(), { 'x.cfg': configuration });
    output('haproxy', ['-c', '-f', join(folder, 'x.cfg')]);
    const haproxy = spawn('haproxy', ['-db', '-f', join(folder, 'x.cfg')], { stdio: 'ignore' });
    try {
      for (const [n, { text }] of pairs.entries()) expect(await get(port, `/${n}`)).toBe(written(text));
    } finally {
      haproxy.kill('SIGKILL');
    }
  });
});

/** What stands in canonical XML. */
function canonical(text = ''): string {
  return text.replace(/&(#x[0-9A-F]+|\w+);/g, (_, name: string) =>
    name.startsWith('#x')
      ? String.fromCodePoint(Number.parseInt(name.slice(2), 16))
      : ({ amp: '&', lt: '<', gt: '>', quot: '"' }[name] ?? '?'),
  );
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

/** The body of an answer; asks again while HAProxy is starting. */
async function get(port: number, path: string, tries = 100): Promise<string> {
  try {
    return await new Promise((done, fail) => {
      const ask = request({ port, path, host: '127.0.0.1' }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => done(Buffer.concat(chunks).toString()));
      });
      ask.on('error', fail).end();
    });
  } catch (error) {
    if (tries === 0) throw error;
    await new Promise((done) => setTimeout(done, 50));
    return await get(port, path, tries - 1);
  }
}
