import Handlebars from 'handlebars';

// Templates are in Handlebars' language, of which they need little: values through a quoting helper, `from`, `block`, `each`, `if`, `else`,
// `unless`, `this`, `../` and `@index`. That little becomes plain JavaScript here, which is several times as fast as what Handlebars makes of it.

/** Content, a value, a block, or what no template has. */
type Statement = hbs.AST.Statement & Partial<Omit<hbs.AST.BlockStatement, 'type'>> & { readonly value?: string };

/** A template as the source of a function that takes the helpers, and the values to fill the template with. */
export function compileTemplate(template: string): string {
  return `(h, v0) => ${textOf(Handlebars.parse(template), 0)}`;
}

/** @param depth how many `each` are around it: what each of them is at has a name of its own */
function textOf(program: hbs.AST.Program | undefined, depth: number): string {
  const pieces = (program?.body ?? []).map((statement) => pieceOf(statement as Statement, depth));
  return pieces.length === 0 ? '""' : pieces.join(' + ');
}

function pieceOf({ type, value, path, params = [], hash, program, inverse, loc }: Statement, depth: number): string {
  const name = path?.original;
  const refuse = () => new Error(`line ${loc.start.line} of a template has {{${name ?? type}}}, which the library's do not need`);
  if (type === 'ContentStatement') return JSON.stringify(value);
  const words = params.map((param) => expressionOf(param, depth));
  if (words.length === 0 || words.includes(undefined)) throw refuse();
  if (type === 'MustacheStatement') return `h.${name}(${words})`;
  if (type !== 'BlockStatement' || (inverse !== undefined && inverse !== null && name !== 'if')) throw refuse();
  const inner = textOf(program, depth);
  switch (name) {
    case 'if':
      return `(h.has(${words}) ? ${inner} : ${textOf(inverse, depth)})`;
    case 'unless':
      return `(h.has(${words}) ? "" : ${inner})`;
    case 'each':
      return `h.each(${words}, (v${depth + 1}, i${depth + 1}) => ${textOf(program, depth + 1)})`;
    case 'from':
      return `h.from(${words}, ${inner})`;
    case 'block':
      return `h.block(${words}, { ${hash?.pairs.map((pair) => `${pair.key}: ${expressionOf(pair.value, depth)}`)} }, ${inner})`;
    default:
      throw refuse();
  }
}

function expressionOf(expression: hbs.AST.Expression, depth: number): string | undefined {
  if (expression.type === 'StringLiteral' || expression.type === 'BooleanLiteral')
    return JSON.stringify((expression as hbs.AST.StringLiteral | hbs.AST.BooleanLiteral).value);
  if (expression.type !== 'PathExpression') return undefined;
  const { data, parts, depth: up } = expression as hbs.AST.PathExpression;
  if (data) return parts.join('.') === 'index' ? `i${depth}` : undefined;
  return [`v${depth - up}`, ...parts].join('.');
}
