import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderJUnit } from './junit.js';
import { renderPage } from './page.js';
import type { TrialReport } from './report.js';

/** The files of a report, by what they end in, and how one knows that an earlier one is there: it may be replaced. */
const OURS: Readonly<Record<string, RegExp>> = {
  html: /<meta name="generator" content="cdk-vagrant /,
  json: /^\{\s*"generator": "cdk-vagrant /,
  xml: /<property name="generator" value="cdk-vagrant /,
};

/** Where the report of a trial goes. */
export class ReportFolder {
  private readonly stem: string;

  /**
   * Makes the folder. Asked for before the trial, which is long.
   *
   * @param name `STACK/NAME`
   * @throws Error when a file of somebody else has the name of one of the report's, or the folder cannot be written
   */
  public constructor(
    private readonly folder: string,
    name: string,
  ) {
    this.stem = name.replaceAll('/', '-');
    try {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK);
    } catch (error) {
      throw new Error(`the report cannot be written to "${folder}": ${(error as Error).message}; name another folder`);
    }
    for (const [end, ours] of Object.entries(OURS)) {
      const there = read(this.path(end));
      if (there !== undefined && !ours.test(there))
        throw new Error(`"${this.path(end)}" is there already and is no report; move it away, or name another folder`);
    }
  }

  /**
   * Writes the report as a page, as JSON, and as JUnit's XML.
   *
   * @param topology the picture of the stack, as SVG
   * @returns the paths of the files, the page first
   */
  public write(report: TrialReport, topology: string | undefined): string[] {
    const files = {
      html: renderPage(report, topology),
      json: `${JSON.stringify(report, undefined, 2)}\n`,
      xml: renderJUnit(report),
    };
    return Object.entries(files).map(([end, content]) => {
      writeFileSync(this.path(end), content);
      return this.path(end);
    });
  }

  private path(end: string): string {
    return join(this.folder, `${this.stem}.${end}`);
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`"${path}" cannot be read: ${(error as Error).message}; move it away, or name another folder`);
  }
}
