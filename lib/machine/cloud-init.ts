import { existsSync, readFileSync, statSync } from 'node:fs';
import { Annotations, OutputFile, options, shown, TEXT, UNTOLD } from '../core/index.js';
import type { Machine } from './machine.js';

const CONTENT_TYPES = [
  'text/cloud-boothook',
  'text/cloud-config',
  'text/cloud-config-archive',
  'text/jinja2',
  'text/part-handler',
  'text/upstart-job',
  'text/x-include-once-url',
  'text/x-include-url',
  'text/x-shellscript',
] as const;

/** What a piece of user data is, as Vagrant and cloud-init name it. */
export type CloudInitContentType = (typeof CONTENT_TYPES)[number];

/** A piece of user data that Vagrant hands to cloud-init in the machine. */
export interface CloudInitPart {
  readonly contentType: CloudInitContentType;
  /** The piece itself. */
  readonly inline?: string;
  /** A file that holds it instead. Relative to the working folder of the synthesis, or absolute. */
  readonly file?: string;
}

const PART = options<CloudInitPart>("{ contentType: 'text/x-shellscript', file: 'start.sh' }", () => ({
  contentType: UNTOLD,
  inline: TEXT,
  file: TEXT,
}));

/** A piece of user data as a file of the stack. Notes what is wrong with it; undefined when there is nothing to write. */
export function cloudInitFile(machine: Machine, part: CloudInitPart): OutputFile | undefined {
  const { contentType, inline, file } = PART.of(machine, 'user data of machine', machine.machineName, part);
  const refuse = (fault: string) => Annotations.of(machine).addError('bad-cloud-init', `user data of "${machine.machineName}" ${fault}`);
  if (!CONTENT_TYPES.includes(contentType))
    refuse(`is of type ${shown(contentType)}, which Vagrant does not know; choose among ${CONTENT_TYPES.join(', ')}`);
  if ((inline === undefined) === (file === undefined)) {
    refuse('needs either "inline" or "file"; give it one');
    return undefined;
  }
  if (file !== undefined && !(existsSync(file) && statSync(file).isFile())) {
    refuse(`has no file ${JSON.stringify(file)}; put it there or correct the path, which is relative to ${process.cwd()}`);
    return undefined;
  }
  const number = machine.cloudInit.length + 1;
  const render = () => inline ?? readFileSync(file as string);
  return new OutputFile(machine, `UserData-${number}`, { path: `user-data/${machine.machineName}/${number}`, render });
}
