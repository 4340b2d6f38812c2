import { COLOURS, FONTS } from './svg.js';

export interface Theme {
  readonly page: string;
  readonly card: string;
  readonly row: string;
  readonly border: string;
  readonly text: string;
  readonly muted: string;
  /** For the backends. */
  readonly colours: readonly string[];
}

export const LIGHT: Theme = {
  page: '#ffffff',
  card: '#f6f8fa',
  row: '#ffffff',
  border: '#d1d9e0',
  text: '#1f2328',
  muted: '#59636e',
  colours: ['#0969da', '#bc4c00', '#1a7f37', '#8250df', '#bf3989', '#0f766e'],
};

export const DARK: Theme = {
  page: '#0d1117',
  card: '#151b23',
  row: '#0d1117',
  border: '#3d444d',
  text: '#f0f6fc',
  muted: '#9198a1',
  colours: ['#4493f8', '#f0883e', '#3fb950', '#ab7df8', '#f778ba', '#39c5cf'],
};

// Without CSS variables, which programs that are no browser do not know. The picture may stand in a page, so all rules are below one class.
function colours(theme: Theme): string[] {
  return [
    `.page { fill: ${theme.page}; }`,
    `.card { fill: ${theme.card}; stroke: ${theme.border}; }`,
    `.row { fill: ${theme.row}; stroke: ${theme.border}; }`,
    `.badge { fill: none; stroke: ${theme.muted}; }`,
    `text { fill: ${theme.text}; }`,
    `.muted, .section { fill: ${theme.muted}; }`,
    `.link { fill: none; stroke: ${theme.muted}; }`,
    `.tip { fill: ${theme.muted}; }`,
    ...theme.colours.slice(0, COLOURS).flatMap((colour, n) => [`.line${n} { stroke: ${colour}; }`, `.tip${n} { fill: ${colour}; }`]),
  ].map((rule) => `.cdkv-topology ${rule.replace(', ', ', .cdkv-topology ')}`);
}

/** The style sheet, an element a line. */
export const STYLE: readonly string[] = [
  '<style>',
  // The picture has its own size where there is room, and is never wider than the page.
  '.cdkv-topology { max-width: 100%; height: auto; }',
  '.cdkv-topology text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }',
  '.cdkv-topology .end { text-anchor: end; }',
  '.cdkv-topology .link { stroke-width: 1.5; }',
  '.cdkv-topology .mark { stroke-width: 4; }',
  '.cdkv-topology .backup { stroke-dasharray: 5 3; }',
  ...Object.entries(FONTS).map(([name, { size, ...font }]) => {
    const weight = 'bold' in font ? ' font-weight: bold;' : '';
    return `.cdkv-topology .${name} { font-size: ${size}px;${weight} }`;
  }),
  ...colours(LIGHT),
  '@media (prefers-color-scheme: dark) {',
  ...colours(DARK),
  '}',
  '</style>',
];
