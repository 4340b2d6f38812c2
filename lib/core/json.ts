// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const ESCAPED = /["\\\x00-\x1f\ud800-\udfff]/;

/** A text as it stands between the quotes of JSON. Most hold nothing to escape, which is faster seen than all is escaped. */
export function inJson(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text).slice(1, -1) : text;
}
