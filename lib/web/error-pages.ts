import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Construct } from 'constructs';
import { Annotations, has, type Kind, kind, OutputFile, shown, TEXT } from '../core/index.js';
import { ERROR_FILE_LIMIT, errorFile, errorStatuses, isErrorStatus } from '../haproxy/index.js';

/** An error page as a file of the output. */
export interface ErrorPage {
  readonly status: number;
  readonly file: OutputFile;
}

/** Pages of one's own for the errors that HAProxy answers itself. */
export class ErrorPages {
  /**
   * The files of a folder, each named by its status: `503.html` is wrapped into a response, `503.http` is a whole response already.
   *
   * @param path relative to the working folder of the synthesis, or absolute
   */
  public static directory(path: string): ErrorPages {
    if (!TEXT.is(path)) throw new RangeError(`${shown(path)} is no path of error pages; give a text: ErrorPages.directory('pages')`);
    return new ErrorPages(path);
  }

  private constructor(private readonly path: string) {}

  /**
   * Adds the pages to the output, as HAProxy wants them.
   *
   * @param owner the construct they are of
   * @param folder where they stand in the output
   */
  public addTo(owner: Construct, folder: string): ErrorPage[] {
    const annotations = Annotations.of(owner);
    const named = `error pages ${shown(this.path)}`;
    let names: string[];
    try {
      names = readdirSync(resolve(this.path)).sort();
    } catch {
      annotations.addError(
        'missing-error-pages',
        `${named} cannot be used: there is no such folder; correct the path, which is relative to ${process.cwd()}`,
      );
      return [];
    }
    const pages: ErrorPage[] = [];
    for (const name of names) {
      const [, digits, ending] = /^(\d{3})\.(html|http)$/.exec(name) ?? [];
      const status = Number(digits);
      if (digits === undefined || !isErrorStatus(status) || !statSync(join(resolve(this.path), name)).isFile()) {
        annotations.addError(
          'bad-error-page',
          `${named}: ${JSON.stringify(name)} is no file named by a status that HAProxy answers; name it STATUS.html, with one of ${errorStatuses().join(', ')}`,
        );
        continue;
      }
      if (pages.some((page) => page.status === status)) {
        annotations.addError(
          'bad-error-page',
          `${named}: there are two pages for ${status}; keep one of ${status}.html and ${status}.http`,
        );
        continue;
      }
      const content = readFileSync(join(resolve(this.path), name));
      const response = ending === 'html' ? errorFile(status, content) : content;
      if (response.length > ERROR_FILE_LIMIT) {
        annotations.addError(
          'error-page-too-large',
          `${named}: ${JSON.stringify(name)} makes a response of ${response.length} bytes, and HAProxy takes ${ERROR_FILE_LIMIT} at most; shorten it`,
        );
      }
      pages.push({
        status,
        file: new OutputFile(owner, `ErrorPage${status}`, { path: `${folder}/${status}.http`, render: () => response }),
      });
    }
    if (names.length === 0) annotations.addError('missing-error-pages', `${named} is empty; add pages like 503.html or drop errorPages`);
    return pages;
  }
}

export const ERROR_PAGES: Kind<ErrorPages> = kind(
  'an ErrorPages',
  (value) => has(value, 'addTo') && !has(value, 'list'), // a site has a list
  (value) => `ErrorPages.directory(${TEXT.is(value) ? shown(value) : "'pages'"})`,
);
