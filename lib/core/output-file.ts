import { readFileSync } from 'node:fs';
import type { Construct, IConstruct } from 'constructs';
import { Annotations } from './annotations.js';
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
    return x !== null && typeof x === 'object' && OUTPUT_FILE in x;
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
    Object.defineProperty(this, OUTPUT_FILE, { value: true });
    this.path = props.path;
    this.render = props.render;
    const parts = props.path.split('/');
    if (parts.some((part) => part === '' || part === '.' || part === '..') || /[\\\0]/.test(props.path) || /^[A-Za-z]:/.test(props.path)) {
      Annotations.of(this).addError(
        'bad-output-path',
        `output file ${JSON.stringify(props.path)} would not stay in the stack's folder; give a relative path with "/" and without "." or ".." parts`,
      );
    } else if ([MANIFEST, TREE].includes(props.path.toLowerCase()) || parts[0]?.toLowerCase() === '.vagrant') {
      Annotations.of(this).addError('reserved-output-path', `output file "${props.path}" is reserved; choose another name`);
    }
  }

  /** The construct that the file is of. */
  public get owner(): IConstruct {
    return this.node.scope as IConstruct;
  }
}
