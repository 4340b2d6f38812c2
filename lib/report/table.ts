import { html, Markup } from './html.js';

/** A column: its heading, and whether it holds numbers, or sentences. */
export interface Column {
  readonly title: string;
  readonly kind?: 'number' | 'long';
}

type Cell = string | number | Markup;

/** A table that scrolls by itself where the page is too narrow for it. */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly Cell[])[]): Markup {
  const kind = (index: number) => {
    const { kind: name } = columns[index] ?? {};
    return name === undefined ? '' : new Markup(` class="${name}"`);
  };
  const head = columns.map(({ title }, n) => html`<th scope="col"${kind(n)}>${title}</th>`);
  const body = rows.map(
    (row) => html`<tr>${row.map((cell, n) => html`<td${kind(n)}>${cell}</td>`)}</tr>
`,
  );
  return html`<div class="wide-table" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody>
</table></div>
`;
}

/** Figures of one line each, the most important first. */
export function tiles(figures: readonly (readonly [name: string, value: string])[]): Markup {
  return html`<dl class="tiles">
${figures.map(
  ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>
`,
)}</dl>
`;
}

/** A word that says whether something is as it should be. */
export function mark(good: boolean, word: string): Markup {
  return html`<span class="${good ? 'ok' : 'bad'}">${word}</span>`;
}
