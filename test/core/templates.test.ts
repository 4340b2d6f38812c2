import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import { describe, expect, it } from 'vitest';
import { compileTemplate } from '../../lib/core/compile-template.js';
import { text } from '../../lib/core/index.js';
import { fill, ROOT, temporary } from '../support.js';

const BLOCKS = ['if', 'each', 'unless', 'from', 'block'];

type Statement = hbs.AST.Statement & {
  readonly path?: hbs.AST.PathExpression;
  readonly params?: readonly hbs.AST.Expression[];
  readonly hash?: hbs.AST.Hash;
  readonly program?: hbs.AST.Program;
  readonly inverse?: hbs.AST.Program;
};

/** The places of a template where a value would pass no quoting helper. */
function unquoted(template: string): string[] {
  const walk = (program: hbs.AST.Program | undefined): string[] =>
    (program?.body ?? []).flatMap((node) => {
      const { type, path, params = [], hash, inverse, program: inner, loc } = node as Statement;
      const place = `${loc.start.line}: {{${path?.original ?? type}}}`;
      // Only "block" is given words; they are names and never text.
      const named = hash === undefined || (path?.original === 'block' && type === 'BlockStatement');
      const plain = params.every((param) => param.type === 'PathExpression') && named;
      switch (type) {
        case 'ContentStatement':
        case 'CommentStatement':
          return [];
        case 'MustacheStatement':
          // The value, and perhaps what it depends on.
          return text.QUOTING_HELPERS.includes(String(path?.original)) && [1, 2].includes(params.length) && plain ? [] : [place];
        case 'BlockStatement':
          return [...(BLOCKS.includes(String(path?.original)) && plain ? [] : [place]), ...walk(inner), ...walk(inverse)];
        default:
          return [place];
      }
    });
  return walk(Handlebars.parse(template));
}

describe('templates', () => {
  const names = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.hbs'));

  it('are found', () => {
    expect(names.map((name) => name.replace(/.*[\\/]/, ''))).toEqual(expect.arrayContaining(['Vagrantfile.hbs', 'cluster.sh.hbs']));
  });

  it.each(names)('%s passes every value through a quoting helper', (name) => {
    expect(unquoted(readFileSync(join(ROOT, 'lib', name), 'utf8'))).toEqual([]);
  });

  it.each([
    '{{x}}',
    '{{{x}}}',
    '{{{sh x}}} {{& x}}',
    '{{> part}}',
    '{{#with x}}{{/with}}',
    '{{#if a}}{{else}}{{x}}{{/if}}',
    '{{sh (f x)}}',
    '{{sh "x" }}',
    '{{lookup a b}}',
    '{{sh}}',
    '{{sh x name="y"}}',
    '{{#if x name="y"}}{{/if}}',
    '{{#block of name="x"}}{{y}}{{/block}}',
  ])('the check finds %s', (template) => {
    expect(unquoted(template)).toHaveLength(1);
  });
});

describe('a compiled template', () => {
  it('gives what Handlebars makes of it', () => {
    const template = [
      'a {{rb title}} "quoted" \\ `x`',
      '{{#if none}}',
      'never',
      '{{else}}',
      '{{#if list}}some{{/if}}{{#if zero}}zero{{/if}}{{#if empty}}empty{{/if}}{{#unless empty}}none{{/unless}}{{#unless list}}never{{/unless}}',
      '{{/if}}',
      '{{#each list}}',
      '  {{#if @index}}, {{/if}}{{sh name}} of {{note ../title}}{{#each inner}} {{num this}}/{{note ../name}}/{{note ../../title}}{{/each}}',
      '{{/each}}',
      '{{#each missing}}never{{/each}}',
    ].join('\n');
    const values = {
      title: "it's",
      zero: 0,
      empty: [],
      list: [
        { name: 'x y', inner: [1, 2] },
        { name: 'z', inner: [] },
      ],
    };
    const handlebars = Handlebars.create();
    const { rb, sh, note, num } = text;
    handlebars.registerHelper({ rb, sh, note, num });
    const folder = fill(temporary(), { 't.hbs': template });
    expect(text.render(new URL(`file://${folder}/t.hbs`), values)).toBe(handlebars.compile(template, { noEscape: true })(values));
  });

  it.each(['{{x}}', '{{> part}}', '{{sh (f x)}}', '{{#with x}}{{/with}}', '{{#each x}}{{else}}{{/each}}', '{{sh @key}}'])(
    'is not made of %s',
    (template) => {
      expect(() => compileTemplate(`one\n${template}`)).toThrow('line 2 of a template has');
    },
  );
});
