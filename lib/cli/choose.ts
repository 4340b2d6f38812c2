import type { AssembledStack, Assembly, Resource } from '../core/index.js';
import { CommandFailed } from './command.js';

/**
 * The stack that a command is for.
 *
 * @param name needed only where there are several
 * @throws CommandFailed when there is none of that name, or several and no name
 */
export function chooseStack(stacks: readonly AssembledStack[], name: string | undefined): AssembledStack {
  const names = stacks.map((stack) => stack.name).join(', ');
  if (name === undefined && stacks.length > 1) throw new CommandFailed(`the app has several stacks; choose one with --stack: ${names}`);
  const found = stacks.find((stack) => name === undefined || stack.name === name);
  if (found !== undefined) return found;
  throw new CommandFailed(
    name === undefined ? 'the app has no stack' : `the app has no stack ${JSON.stringify(name)}; choose one of ${names}`,
  );
}

/** What users call by name on the command line. */
export interface Kind {
  /** Of its resource. */
  readonly type: string;
  /** What users call it. */
  readonly word: string;
  /** How one is made. */
  readonly example: string;
}

/**
 * The resource of a name, `NAME` or `STACK/NAME`.
 *
 * @throws CommandFailed when there is none, or more than one
 */
export function chooseResource(
  { stacks }: Assembly,
  { type, word, example }: Kind,
  name: string,
): { readonly stack: AssembledStack; readonly resource: Resource } {
  const all = stacks.flatMap((stack) => {
    const resources = stack.resources().filter((resource) => resource.type === type);
    return resources.map((resource) => ({ stack, resource, fullName: `${stack.name}/${resource.name}` }));
  });
  const [found, second] = all.filter(({ resource, fullName }) => [resource.name, fullName].includes(name));
  const names = all.map(({ fullName }) => fullName).join(', ');
  if (found === undefined) {
    const there = names === '' ? `make one: ${example}` : `there are ${names}`;
    throw new CommandFailed(`the app has no ${word} ${JSON.stringify(name)}; ${there}`);
  }
  if (second !== undefined) throw new CommandFailed(`more than one ${word} is called ${JSON.stringify(name)}; name one of ${names}`);
  return found;
}
