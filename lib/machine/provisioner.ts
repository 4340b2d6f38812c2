import { existsSync, readFileSync, statSync } from 'node:fs';
import { Annotations, isPlainName, OutputFile, options, TEXT } from '../core/index.js';
import type { HostValue } from './host-value.js';
import type { Machine } from './machine.js';

/** A script that a machine runs at every `up` and `provision`; it looks before it acts. */
export interface Provisioner {
  /** Name in Vagrant: `vagrant provision --provision-with NAME`. */
  readonly name: string;
  readonly script: OutputFile;
  /** Environment variables whose values only the host knows. */
  readonly environment: Readonly<Record<string, HostValue>>;
  /**
   * Whether it is the user's.
   *
   * @default false
   */
  readonly isRaw?: boolean;
}

/** A provisioner of the user's. */
export interface ProvisionerOptions {
  /** The script itself, with its `#!` line; any language that the machine speaks. */
  readonly inline?: string;
  /** A file that holds it instead. Relative to the working folder of the synthesis, or absolute. */
  readonly file?: string;
  /**
   * Name of the provisioner that comes after it; those of a cluster's machine are `cluster` and `containers`, of another that
   * has services `services`.
   *
   * @default - it is the last
   */
  readonly before?: string;
}

const OPTIONS = options<ProvisionerOptions>("{ file: 'provision.sh' }", () => ({ inline: TEXT, file: TEXT, before: TEXT }));

/** The provisioner, and its place among the machine's; undefined when it is none, which is reported. */
export function ownProvisioner(
  machine: Machine,
  name: string,
  given: ProvisionerOptions,
): { readonly provisioner: Provisioner; readonly at: number } | undefined {
  const { machineName, provisioners } = machine;
  const { inline, file, before } = OPTIONS.of(machine, 'a provisioner of machine', machineName, given);
  const annotations = Annotations.of(machine);
  const shown = `provisioner ${JSON.stringify(name)} of "${machineName}"`;
  if (!TEXT.is(name) || !isPlainName(name) || name === 'bundle' || provisioners.some((other) => other.name === name)) {
    annotations.addError('bad-provisioner', `${shown} has a name that is taken or none; use letters, digits, ".", "_" and "-"`);
    return undefined;
  }
  const at = before === undefined ? provisioners.length : provisioners.findIndex((other) => other.name === before);
  if (at === -1) {
    const names = provisioners.map((other) => other.name).join(', ');
    annotations.addError('bad-provisioner', `${shown} is to come before "${before}", which is none; choose one of ${names || 'none'}`);
  }
  if ((inline === undefined) === (file === undefined) || (file !== undefined && !(existsSync(file) && statSync(file).isFile()))) {
    const why = file === undefined || inline !== undefined ? 'needs either "inline" or "file"' : `has no file ${JSON.stringify(file)}`;
    annotations.addError('bad-provisioner', `${shown} ${why}; give it one`);
    return undefined;
  }
  const path = `provisioners/${machineName}/${name}`;
  const render = () => inline ?? readFileSync(file as string);
  return {
    provisioner: { name, script: new OutputFile(machine, `Provisioner-${name}`, { path, render }), environment: {}, isRaw: true },
    at,
  };
}
