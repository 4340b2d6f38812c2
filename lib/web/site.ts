import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Construct } from 'constructs';
import { Annotations, has, type Kind, kind, OutputFile, shown, TEXT } from '../core/index.js';

/** One file of a site. */
interface SiteFile {
  /** Path below the document root, with `/`. */
  readonly path: string;
  readonly content: () => string | Uint8Array;
}

/** The pages of a web server. */
export class Site {
  /**
   * All files of a folder.
   *
   * @param path relative to the working folder of the synthesis, or absolute
   */
  public static directory(path: string): Site {
    checkPath(path, "Site.directory('sites/web1')");
    return new Site(`directory ${shown(path)}`, () => readDirectory(resolve(path), ''));
  }

  /** One page, served as the index. */
  public static file(path: string): Site {
    checkPath(path, "Site.file('index.html')");
    return new Site(`file ${shown(path)}`, () => {
      if (!statSync(resolve(path)).isFile()) throw new Error('it is not a file');
      return [{ path: 'index.html', content: () => readFileSync(resolve(path)) }];
    });
  }

  /** A page written in the app, served as the index. */
  public static html(page: string): Site {
    if (!TEXT.is(page)) throw new RangeError(`${shown(page)} is no page; give its text: Site.html('<h1>It works</h1>')`);
    return new Site('inline page', () => {
      if (page.includes('\0')) throw new Error('it holds a NUL character');
      return [{ path: 'index.html', content: () => page }];
    });
  }

  private constructor(
    private readonly description: string,
    private readonly list: () => SiteFile[],
  ) {}

  /**
   * Adds the pages to the output.
   *
   * @param owner the construct they are of
   * @param folder where they stand in the output
   */
  public addTo(owner: Construct, folder: string): OutputFile[] {
    const problem = (why: string) =>
      Annotations.of(owner).addError(
        'missing-site',
        `site ${this.description} cannot be used: ${why}; correct the path, which is relative to ${process.cwd()}`,
      );
    try {
      const files = this.list();
      if (!files.some((file) => file.path === 'index.html')) problem('it has no index.html, which the health check asks for');
      return files.map(
        (file) => new OutputFile(owner, `Page-${file.path.replaceAll('/', '|')}`, { path: `${folder}/${file.path}`, render: file.content }),
      );
    } catch (error) {
      problem((error as NodeJS.ErrnoException).code === 'ENOENT' ? 'it does not exist' : (error as Error).message);
      return [];
    }
  }
}

export const SITE: Kind<Site> = kind(
  'a Site',
  (value) => has(value, 'addTo') && has(value, 'list'), // error pages have no list
  (value) => {
    if (!TEXT.is(value)) return "Site.directory('sites/web1')";
    if (/^\s*</.test(value)) return "Site.html('...')";
    return `Site.${/\.html?$/.test(value) ? 'file' : 'directory'}(${shown(value)})`;
  },
);

function checkPath(path: string, example: string): void {
  if (!TEXT.is(path)) throw new RangeError(`${shown(path)} is no path of pages; give a text: ${example}`);
}

/** All files below a folder, in the order of their names' bytes. */
function readDirectory(root: string, below: string): SiteFile[] {
  return readdirSync(join(root, below))
    .sort((a, b) => (a < b ? -1 : 1))
    .flatMap((name) => {
      const path = below === '' ? name : `${below}/${name}`;
      const kind = statSync(join(root, path));
      if (kind.isDirectory()) return readDirectory(root, path);
      return [{ path, content: () => readFileSync(join(root, path)) }];
    });
}
