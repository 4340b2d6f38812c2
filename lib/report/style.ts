import { DARK, LIGHT, type Theme } from '../topology/index.js';

/** What reports have besides the colours of the pictures. */
interface More {
  readonly grid: string;
  readonly ok: string;
  readonly bad: string;
  /** For lines, after those of the pictures. */
  readonly colours: readonly string[];
}

// Each colour has a contrast of at least 4.5 to its page, where it is text, and of 3 where it is a line.
const MORE_LIGHT: More = { grid: '#eaeef2', ok: '#116329', bad: '#b8202c', colours: ['#7a5c00', '#57606a'] };
const MORE_DARK: More = { grid: '#232a33', ok: '#56d364', bad: '#ff8f86', colours: ['#d4a72c', '#9198a1'] };

function variables({ page, card, text, muted, border, colours }: Theme, { grid, ok, bad, colours: more }: More): string {
  const lines = [...colours, ...more].map((colour, n) => [`line${n}`, colour] as const);
  const all = [...Object.entries({ page, card, text, muted, border, grid, ok, bad }), ...lines];
  return all.map(([name, colour]) => `--${name}: ${colour};`).join(' ');
}

/** The style sheet of a report: for wide and narrow pages, light and dark, and paper. */
export const STYLE = `
:root { color-scheme: light dark; ${variables(LIGHT, MORE_LIGHT)} }
@media (prefers-color-scheme: dark) { :root { ${variables(DARK, MORE_DARK)} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; }
p { margin: .35rem 0; }
.muted, figcaption, caption { color: var(--muted); }
.verdict { display: inline-block; margin: .9rem 0 .3rem; padding: .15rem .8rem; border: 2px solid; border-radius: 2rem; font-weight: 600; }
.ok { color: var(--ok); }
.bad { color: var(--bad); }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: .6rem; margin: 1rem 0; padding: 0; }
.tiles div { background: var(--card); border: 1px solid var(--border); border-radius: .5rem; padding: .5rem .75rem; }
.tiles dt { color: var(--muted); font-size: .85rem; }
.tiles dd { margin: 0; font-size: 1.2rem; font-weight: 600; }
.wide-table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
caption { text-align: left; padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--border); overflow-wrap: normal; }
th { font-weight: 600; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.long { min-width: 13rem; }
figure { margin: 1.25rem 0; }
figcaption { font-weight: 600; }
.legend { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; margin: .2rem 0 .3rem; padding: 0; list-style: none; font-size: .85rem; }
.swatch { display: inline-block; width: 1.2rem; margin-right: .4rem; vertical-align: .25em; }
.chart svg { display: block; max-width: 100%; height: auto; }
.picture { overflow-x: auto; }
.narrow { display: none; }
@media screen and (max-width: 640px) { .wide { display: none; } .narrow { display: block; } .picture .cdkv-topology { max-width: none; } }
@media print {
  :root { color-scheme: light; ${variables(LIGHT, MORE_LIGHT)} }
  body { font-size: 11pt; }
  h2 { break-after: avoid; }
  figure, tr, .tiles div { break-inside: avoid; }
  .wide-table, .picture { overflow-x: visible; }
  table { font-size: .75rem; }
  th, td { padding-right: .5rem; }
  th { white-space: normal; }
}
`;
