import type { IConstruct } from 'constructs';
import { Annotations, either, type Kind, Stack } from '../core/index.js';
import { type ContainerOptions, containerOptions, MEMBER, type Member } from '../lxd/index.js';
import { MACHINE, type Machine } from '../machine/index.js';

/** Where a service may be. */
export const PLACE: Kind<Member | Machine> = either(MEMBER, MACHINE);

/** Notes what is wrong with a service on a machine itself. A container finds the same by itself. */
export function checkOwnMachine(service: IConstruct, shown: string, name: string, machine: Machine, options: ContainerOptions): void {
  const annotations = Annotations.of(service);
  const stack = Stack.of(service);
  if (stack !== Stack.of(machine)) {
    annotations.addError(
      'other-stack',
      `${shown} of stack "${stack.stackName}" is on "${machine.machineName}" of stack "${Stack.of(machine).stackName}"; choose a machine of its own stack`,
    );
  }
  if (!/^[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(name)) {
    annotations.addError(
      'bad-service-name',
      `${shown} on "${machine.machineName}" has a name that names no files; use letters, digits and "-", at most 63, beginning with a letter`,
    );
  }
  const other = stack.claim('container', name.toLowerCase(), service);
  if (other !== undefined)
    annotations.addError('duplicate-service', `${shown} has the name of ${other.node.path}; names are unique in a stack, rename one`);
  const given = Object.keys(containerOptions(options));
  if (given.length > 0) {
    annotations.addError(
      'no-container',
      `${shown} is on "${machine.machineName}" itself and has no container for ${given.join(', ')}; leave them out, or put it on a member`,
    );
  }
}
