import { styleText } from 'node:util';

type Style = 'bold' | 'red' | 'green' | 'yellow' | 'cyan' | 'dim';

/** Colours on a terminal; none into a pipe, nor where NO_COLOR is set (https://no-color.org). */
export function paint(style: Style, text: string): string {
  const coloured = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  return coloured ? styleText(style, text) : text;
}
