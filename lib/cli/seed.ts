import { relative } from 'node:path';
import { makeSeeds } from '../seed/index.js';
import { assembleApp } from './app-process.js';
import { chooseStack } from './choose.js';
import { type Command, CommandFailed } from './command.js';
import { paint } from './paint.js';

/** `cdkv seed` */
export const seed: Command = async ({ words, options, app }) => {
  const { stacks } = await assembleApp({ ...app(), origins: false });
  const stack = chooseStack(stacks, options.stack as string | undefined);
  const kind = options.archive ? 'archive' : 'medium';
  const machines = words.length === 0 ? {} : { machines: words };
  try {
    const seeds = await makeSeeds(stack, { kind, rejoin: Boolean(options.rejoin), ...machines });
    for (const { machine, unset } of options.json ? [] : seeds)
      for (const variable of unset)
        process.stderr.write(
          `${paint('yellow', 'warn')} ${variable} is not set: ${machine} keeps the password that it has, and fails when it has none\n`,
        );
    if (options.json) process.stdout.write(`${JSON.stringify({ stack: stack.name, kind, seeds }, undefined, 2)}\n`);
    else process.stdout.write(seeds.map(({ machine, path }) => `${paint('bold', machine)}  ${relative('', path)}\n`).join(''));
    return 0;
  } catch (error) {
    throw new CommandFailed((error as Error).message);
  }
};
