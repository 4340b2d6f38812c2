import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../support.js';
import { TABLE } from './table.js';

// The table of texts has all that the public classes and interfaces take.

/** Texts, or whole classes and interfaces, that are not in the table, and why. */
const EXEMPT: Readonly<Record<string, string>> = {
  AssembledStack: 'what the library gives',
  Assembly: 'what the library gives',
  Diagnostic: 'what the library gives',
  LineOrigin: 'what the library gives',
  SynthesisResult: 'what the library gives',
  Resource: 'for tests of a tree; in no file',
  Annotations: 'for the person who synthesises; in no file',
  Place: 'what the library gives',
  Rule: 'for the person who synthesises; in no file',
  'Rules.without(names)': 'compared only',
  'BaseAppProps.context': 'for the app itself; in no file',
  'BaseAppProps.outdir': 'tried in texts.test.ts, by publishing',
  'Stack.claim(kind)': 'compared only',
  'Target.providers': 'compared only',
  'Stack.claim(name)': 'compared only',
  'Stack.libraryFile(path)': "the library's own",
  'OutputFile.copyOf(path)': 'as OutputFileProps.path',
  'Site.addTo(folder)': 'as OutputFileProps.path',
  'ErrorPages.addTo(folder)': 'as OutputFileProps.path',
  'Software.templateName(base)': 'hashed only',
  'Software.templateName(member)': 'hashed only',
  'CloudInitTargetProps.sshAuthorizedKeys': 'tried in cloud-init-target.test.ts, where a target can be given to a stack',
  'CloudNetwork.gateway': 'an IPv4 address, or refused',
  'CloudNetwork.nameservers': 'IPv4 addresses, or refused',
  'Network.addressFor(name)': 'hashed only',
  'VagrantTargetProps.plugins': 'tried in boxes.test.ts, where a target can be given to a stack',
  'VagrantTargetProps.vagrantVersion': 'a constraint of a version, or refused',
  Raw: 'is taken as it is, language and all',
  'RawOptions.block': 'compared only',
  'Member.addStep(shell)': 'is taken as it is, language and all',
};
/** What the table has besides: fields that may be added to, and keys. */
const BESIDES = /^(Machine\.postUpLines|Container\.addCommands|.* \(key\)|.*, names in it)$/;

const sources = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !/^(assertions|cli|index|messages)/.test(name))
  .map((name) => readFileSync(join(ROOT, 'lib', name), 'utf8'))
  .join('\n');

/** What lib/index.ts exports, and what that extends. */
function exported(): Set<string> {
  const lists = [...readFileSync(join(ROOT, 'lib/index.ts'), 'utf8').matchAll(/\{([^}]*)\}/g)].map(([, list]) => list as string);
  const names = new Set(lists.flatMap((list) => list.split(',').map((name) => name.replace('type ', '').trim())));
  for (const name of names) {
    const [, parents = ''] =
      new RegExp(`^export (?:interface|(?:abstract )?class) ${name} extends ([\\w, ]+) \\{`, 'm').exec(sources) ?? [];
    for (const parent of parents.split(',')) names.add(parent.trim());
  }
  return names;
}

const TEXT = /\bstring\b/;
const withoutComments = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');

/** `Interface.property`, `new Class(parameter)`, `Class.method(parameter)` of each text that may be given. */
function texts(): string[] {
  const all: string[] = [];
  for (const name of exported()) {
    const [, kind, body] =
      new RegExp(`^export (interface|(?:abstract )?class) ${name}\\b[^{]*\\{\\n([\\s\\S]*?)^\\}`, 'm').exec(sources) ?? [];
    if (kind === 'interface') {
      for (const [, property, type] of withoutComments(body ?? '').matchAll(/^ {2}readonly (\w+)\??: ([^;]*);/gm))
        if (TEXT.test(type as string)) all.push(`${name}.${property}`);
    } else if (kind !== undefined) {
      const visible = (body ?? '').replaceAll(/\/\*\* @internal(?:(?!\*\/)[\s\S])*\*\/\s*public/g, 'internal');
      for (const [, method, parameters] of withoutComments(visible).matchAll(
        /^ {2}public (?:static )?(?:override )?(\w+)(?:<\w+[^(]*>)?\(([\s\S]*?)\)(?:: [^\n]*)? \{$/gm,
      )) {
        for (const [, parameter] of (parameters as string).matchAll(/(\w+)\??: (?:readonly )?string\b/g))
          all.push(method === 'constructor' ? `new ${name}(${parameter})` : `${name}.${method}(${parameter})`);
      }
    }
  }
  return all;
}

it('all texts that may be given are in the table, or are exempt for a reason', () => {
  const found = texts();
  const isExempt = (text: string) => text in EXEMPT || (text.split('.')[0] as string) in EXEMPT;
  expect(found.filter((text) => !(text in TABLE || isExempt(text)))).toEqual([]);
  expect(Object.keys(TABLE).filter((text) => !found.includes(text) && !BESIDES.test(text))).toEqual([]);
  expect(Object.keys(EXEMPT).filter((key) => !found.some((text) => text === key || text.startsWith(`${key}.`)))).toEqual([]);
});
