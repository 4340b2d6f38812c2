import { describe, expect, it } from 'vitest';
import { text } from '../../lib/core/index.js';
import { fill, output, removeTemporaries, run, temporary } from '../support.js';

removeTemporaries();

const NASTY = [
  '',
  ' ',
  '-n',
  '--help',
  '-',
  '~',
  '~root/x',
  '#comment',
  'a#b',
  '#{1 + 1}',
  '#$0 #@x',
  '$HOME',
  `\${HOME}`,
  '$(id)',
  '`id`',
  '$((1+1))',
  "it's",
  "''",
  "'",
  '"',
  '"double"',
  '\\',
  '\\\\',
  'a\\nb',
  '\\x41\\u0041\\101',
  'trailing\\',
  ' lead and trail ',
  'two  spaces',
  'a;b',
  'a|b',
  'a&b',
  'a<b>c',
  '(sub)',
  '{a,b}',
  '[ab]*?',
  '!history',
  'a=b',
  '%s%n%%',
  '%q<x>',
  '*',
  'ünïcödé',
  '日本語',
  '🚀',
  '\u2028\u2029\u00a0',
  'tab\there',
  '\x1b[31m\x07\x08\x7f',
  '__END__',
  '=begin',
  '{{sh x}}',
  "'; rm -rf /; '",
];
const LINES = ['\n', 'a\nb', 'a\r\nb', '\r', 'a\n\n', '\nEND\n', '\n__END__\n', '\n=begin\n'];

describe('sh', () => {
  it('makes words that bash reads back', () => {
    const words = [...NASTY, ...LINES];
    const script = `printf '%s\\0' ${words.map(text.sh).join(' ')}\nlist=(${words.map(text.sh).join(' ')})\nprintf '%s\\0' "\${list[@]}"\n`;
    expect(output('bash', ['-s'], { input: script }).split('\0')).toEqual([...words, ...words, '']);
  });

  it('quotes no more than it must', () => {
    expect(['web1', '192.168.56.5', '/var/lib/x', 'a b'].map(text.sh)).toEqual(['web1', '192.168.56.5', '/var/lib/x', "'a b'"]);
  });
});

describe('rb', () => {
  it('makes strings that Ruby reads back', () => {
    const words = [...NASTY, ...LINES];
    const script = `STDOUT.binmode\n[\n${words.map((word) => `  ${text.rb(word)},\n`).join('')}].each { |word| STDOUT.write(word, "\\0") }\n`;
    expect(output('ruby', [], { input: script }).split('\0')).toEqual([...words, '']);
  });

  it('keeps them on one line', () => {
    for (const word of LINES) expect(text.rb(word)).not.toMatch(/[\r\n]/);
  });
});

describe('hap', () => {
  it('makes words that HAProxy reads back', () => {
    // HAProxy repeats each keyword that it does not know, as it has read it: up to the end of the word.
    const words = NASTY.filter((word) => word !== '').map((word) => `x${word}`);
    const folder = fill(temporary(), { 'haproxy.cfg': `global\n${words.map((word) => `    ${text.hap(word)}\n`).join('')}` });
    const { err } = run('haproxy', ['-c', '-f', `${folder}/haproxy.cfg`]);
    const read = [...err.matchAll(/haproxy\.cfg:\d+\] : unknown keyword '([^\n]*)' in 'global' section/g)].map(([, word]) => word);
    expect(read).toEqual(words);
  });

  it('makes words that HAProxy takes', () => {
    const variables = NASTY.slice(1)
      .map((word, index) => `    setenv NASTY_${index} ${text.hap(word)}\n`)
      .join('');
    const folder = fill(temporary(), {
      'haproxy.cfg': `global\n${variables}defaults\n    mode http\n    timeout client 1s\nfrontend f\n    bind :80\n`,
    });
    expect(output('haproxy', ['-c', '-dW', '-f', `${folder}/haproxy.cfg`])).toContain('Configuration file is valid');
  });

  it('refuses line breaks', () => {
    for (const word of LINES) expect(() => text.hap(word), JSON.stringify(word)).toThrow(text.UnquotableError);
  });
});

describe('note and num', () => {
  it('refuse what would end the comment', () => {
    for (const word of LINES) expect(() => text.note(word), JSON.stringify(word)).toThrow('holds a line break');
    expect(text.note('# any "text" $x')).toBe('# any "text" $x');
  });

  it('take numbers only', () => {
    expect(text.num(1080)).toBe('1080');
    for (const value of ['1080', Number.NaN, Number.POSITIVE_INFINITY, undefined, null, {}])
      expect(() => text.num(value)).toThrow('is not a number');
  });
});

describe('every helper', () => {
  it.each(text.QUOTING_HELPERS)('%s refuses NUL', (name) => {
    const quote = text[name as 'sh'];
    for (const word of ['\0', 'a\0b', 'a\0']) expect(() => quote(word)).toThrow(text.UnquotableError);
  });

  it('is a helper of templates', () => {
    const folder = fill(temporary(), { 't.hbs': '{{sh a}} {{rb a}} {{hap a}} {{num b}} {{note c}}' });
    expect(text.render(new URL(`file://${folder}/t.hbs`), { a: "it's", b: 1, c: '<&>' })).toBe(`'it'\\''s' "it's" 'it'\\''s' 1 <&>`);
  });

  it('finds a name that is not there to be an error', () => {
    const folder = fill(temporary(), { 't.hbs': '{{sh missing}}' });
    expect(() => text.render(new URL(`file://${folder}/t.hbs`), {})).toThrow('missing');
  });
});
