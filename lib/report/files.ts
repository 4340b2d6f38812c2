import { accessSync, constants, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderJUnit } from './junit.js';
import { renderPage } from './page.js';
import type { Trial, TrialReport } from './report.js';

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
    kind: Trial['kind'],
  ) {
    this.stem = `${name.replaceAll('/', '-')}.${kind}`;
    this.attempt(() => {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK);
    });
    this.refuseOthers();
  }

  /**
   * Writes the report as a page, as JSON, and as JUnit's XML. Each takes its place when it is whole.
   *
   * @param topology the picture of the stack, as SVG
   * @returns the paths of the files, the page first
   * @throws Error when it cannot, or a file of somebody else came there meanwhile
   */
  public write(report: TrialReport, topology: string | undefined): string[] {
    const files = {
      html: renderPage(report, topology),
      json: `${JSON.stringify(report, undefined, 2)}\n`,
      xml: renderJUnit(report),
    };
    this.refuseOthers();
    return Object.entries(files).map(([end, content]) => {
      const passing = `${this.path(end)}.${process.pid}`;
      this.attempt(() => {
        try {
          writeFileSync(passing, content, { flag: 'wx' });
          renameSync(passing, this.path(end));
        } catch (error) {
          rmSync(passing, { force: true });
          throw error;
        }
      });
      return this.path(end);
    });
  }

  private path(end: string): string {
    return join(this.folder, `${this.stem}.${end}`);
  }

  private refuseOthers(): void {
    for (const [end, ours] of Object.entries(OURS)) {
      const path = this.path(end);
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat === undefined || (stat.isFile() && ours.test(this.attempt(() => readFileSync(path, 'utf8'))))) continue;
      throw new Error(`"${path}" is there already and is no report; move it away, or name another folder`);
    }
  }

  private attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw new Error(`the report cannot be written to "${this.folder}": ${(error as Error).message}; name another folder`);
    }
  }
}
