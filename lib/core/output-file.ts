import { readFileSync } from 'node:fs';
import type { Construct, IConstruct } from 'constructs';
import { Annotations } from './annotations.js';
import { toldByClass } from './class-guard.js';
import { Element } from './element.js';

const OUTPUT_FILE = Symbol.for('cdk-vagrant.OutputFile');

/** Files that the synthesis itself writes into each stack's folder. */
export const MANIFEST = 'manifest.json';
export const TREE = 'tree.json';

export interface OutputFileProps {
  /** Path below the stack's folder, with `/` between its parts. */
  readonly path: string;
  /** Makes the content. Pure: no clock, no random, no environment, no absolute path. */
  readonly render: () => string | Uint8Array;
}

/** One file of the output. */
export class OutputFile extends Element {
  public static isOutputFile(x: unknown): x is OutputFile {
    return x !== null && typeof x === 'object' && (x as { [OUTPUT_FILE]?: true })[OUTPUT_FILE] === true;
  }

  /** A file whose content stands in a file of the library. */
  public static copyOf(scope: Construct, path: string, source: URL): OutputFile {
    return new OutputFile(scope, path.replaceAll('/', '-'), { path, render: () => readFileSync(source) });
  }

  /** Path below the stack's folder. */
  public readonly path: string;
  /** Makes the content. */
  public readonly render: () => string | Uint8Array;

  /**
   * @param scope the construct that the file is of; the manifest names it
   * @param id unique below `scope`
   */
  public constructor(scope: Construct, id: string, props: OutputFileProps) {
    super(scope, id);
    this.path = props.path;
    this.render = props.render;
    if (isPlain(props.path) && !isOfPublish(props.path)) return;
    if (!staysInside(props.path)) {
      Annotations.of(this).addError(
        'bad-output-path',
        `output file ${JSON.stringify(props.path)} would not stay in the stack's folder; give a relative path with "/" and without "." or ".." parts`,
      );
    } else if (CONTROL.test(props.path)) {
      Annotations.of(this).addError('bad-output-path', `output file ${JSON.stringify(props.path)} has a control character; take it out`);
    } else if (isOfPublish(props.path) || isReserved(props.path)) {
      Annotations.of(this).addError('reserved-output-path', `output file "${props.path}" is reserved; choose another name`);
    } else if (!fitsArchive(props.path)) {
      Annotations.of(this).addError(
        'long-output-path',
        `output file "${props.path}" has too long a name for a tar archive; keep each part below 100 bytes and the whole below 200`,
      );
    }
  }

  /** The construct that the file is of. */
  public get owner(): IConstruct {
    return this.node.scope as IConstruct;
  }
}

Object.defineProperty(OutputFile.prototype, OUTPUT_FILE, { value: true });
toldByClass(OutputFile.isOutputFile);

/** Whether a path, of the app or of a manifest on disk, names a file that the app may write or remove. */
export function isOutputPath(path: string): boolean {
  return isPlain(path) || (staysInside(path) && !CONTROL.test(path) && !isReserved(path));
}

/** What paths are like that need no closer look: short, of plain names that do not begin with a dot. */
const PLAIN = /^(?:[a-z0-9_-][\w.-]{0,89}\/)*[a-z0-9_-][\w.-]{0,89}$/i;

function isPlain(path: string): boolean {
  return path.length < 200 && PLAIN.test(path);
}

/** Where one of these would be a folder, it could not be written. */
function isOfPublish(path: string): boolean {
  return [MANIFEST, TREE].includes(firstOf(path));
}

function firstOf(path: string): string {
  return path.split('/', 1)[0]?.toLowerCase() ?? '';
}

const CONTROL = /\p{Cc}/u;

function staysInside(path: string): boolean {
  return (
    !path.split('/').some((part) => part === '' || part === '.' || part === '..') && !/[\\\0\p{Cs}]/u.test(path) && !/^[A-Za-z]:/.test(path)
  );
}

/** What Vagrant keeps, and what a publish under way does. */
function isReserved(path: string): boolean {
  const first = firstOf(path);
  return first === '.vagrant' || first.startsWith('.cdkv');
}

/** The format has 100 bytes for a name and 155 for the folders before it. */
function fitsArchive(path: string): boolean {
  return Buffer.byteLength(path) < 200 && path.split('/').every((part) => Buffer.byteLength(part) < 100);
}
