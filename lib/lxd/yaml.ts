// Written here, and not by the library `yaml`, which takes a twentieth of the synthesis of a hundred machines to write two preseeds. Tests
// give what this makes of anything to that library, to libyaml and to the engines' own parsers.

/** Text that no YAML takes for anything else: words, addresses, ranges of them, sizes. The rest is in JSON's quotes. */
const PLAIN = /^(?:[A-Za-z/][\w.,;/-]*|(?:\d+\.){3}\d+(?:[:/-][\d./]+)?|\d+[G-LMP-SU-W][A-Za-z]*)(?: [A-Za-z][\w.,;/-]*)*$/;
/** What YAML 1.1 has for true, false and null. */
const RESERVED = /^(?:y|n|yes|no|true|false|on|off|null)$/i;
/** A key that is longer has a mark of its own; 1,024 is the most. */
const LONGEST_KEY = 1000;

/** Data as YAML, as all its versions read it: what JSON has no word for is as JSON has it. */
export function asYaml(content: unknown): string {
  const data = JSON.parse(JSON.stringify(content)) as unknown;
  return `${blockOf(data, '').trimStart()}\n`;
}

/** What stands behind a key, or the hyphen of a list. */
function blockOf(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return ` ${scalarOf(value)}`;
  if (Array.isArray(value)) {
    if (value.length === 0) return ' []';
    return value.map((item) => `\n${indent}-${besides(blockOf(item, `${indent}  `), indent)}`).join('');
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return ' {}';
  return entries.map(([key, item]) => `\n${indent}${keyOf(key, indent)}:${blockOf(item, `${indent}  `)}`).join('');
}

/** The first line of a block beside its hyphen. */
const besides = (block: string, indent: string) => (block.startsWith('\n') ? block.slice(indent.length + 2) : block);

function keyOf(key: string, indent: string): string {
  const text = scalarOf(key);
  return text.length > LONGEST_KEY ? `? ${text}\n${indent}` : text;
}

function scalarOf(value: unknown): string {
  // A number without a point has no exponent in YAML 1.1.
  if (typeof value === 'number') return String(value).replace(/^(-?\d+)e/, '$1.0e');
  return typeof value === 'string' && PLAIN.test(value) && !RESERVED.test(value) ? value : JSON.stringify(value);
}
