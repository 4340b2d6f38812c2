/** Whether it can name a folder, a file or a device: 1 to 63 letters, digits, `.`, `_` and `-`, beginning with a letter or digit. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name);
}

/** Whether it is a path of a URL, a query included: `/`, then characters of ASCII that can be seen. */
export function isUrlPath(path: string): boolean {
  return /^\/[!-~]*$/.test(path);
}
