import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const HELP = `cdkv synth [options]    check the app's tree and write its files

  -a, --app COMMAND        what runs the app (default: "app" in cdk.json)
  -o, --output FOLDER      where the stacks' folders go (default: "output" in cdk.json, else synth-out)
  -c, --context KEY=VALUE  a value for node.tryGetContext; may be given more than once
      --force              overwrite files that were edited after they were written, or that are not ours

Exit codes: 0 written or nothing to do, 1 the tree has errors and nothing was written, 2 the command cannot be run.
Example: cdkv synth -c box=local/debian12
`;

interface CdkJson {
  readonly app?: string;
  readonly output?: string;
  readonly context?: Readonly<Record<string, unknown>>;
}

/** Runs a command line. @returns the exit code */
export async function main(words: readonly string[]): Promise<number> {
  let given: ReturnType<typeof parse>;
  let file: CdkJson;
  try {
    given = parse(words);
    if (given.values.help) {
      process.stdout.write(HELP);
      return 0;
    }
    if (given.positionals.length !== 1 || given.positionals[0] !== 'synth')
      throw new Error(`unknown command ${JSON.stringify(given.positionals.join(' '))}; the only one is: synth`);
    file = readCdkJson();
  } catch (error) {
    process.stderr.write(`cdkv: ${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  const app = given.values.app ?? file.app;
  if (app === undefined) {
    process.stderr.write('cdkv: no app; name it in cdk.json ("app": "tsx bin/app.ts") or with --app\n');
    return 2;
  }
  const context: Record<string, unknown> = { ...file.context };
  for (const pair of given.values.context ?? []) {
    const [key, ...value] = pair.split('=');
    if (!key || value.length === 0) {
      process.stderr.write(`cdkv: context ${JSON.stringify(pair)} is not KEY=VALUE\n`);
      return 2;
    }
    context[key] = value.join('=');
  }
  return await run(app, {
    CDKV_CLI: '1',
    CDKV_CONTEXT: JSON.stringify(context),
    CDKV_OUTDIR: given.values.output ?? file.output ?? 'synth-out',
    ...(given.values.force ? { CDKV_FORCE: '1' } : {}),
  });
}

function parse(words: readonly string[]) {
  return parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      app: { type: 'string', short: 'a' },
      output: { type: 'string', short: 'o' },
      context: { type: 'string', short: 'c', multiple: true },
      force: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}

function readCdkJson(): CdkJson {
  let text: string;
  try {
    text = readFileSync('cdk.json', 'utf8');
  } catch {
    return {};
  }
  try {
    return JSON.parse(text) as CdkJson;
  } catch (error) {
    throw new Error(`cdk.json is no JSON: ${(error as Error).message}`);
  }
}

/** Runs the app with the tools of its own node_modules at hand. */
async function run(app: string, environment: Readonly<Record<string, string>>): Promise<number> {
  const path = [resolve('node_modules/.bin'), process.env.PATH ?? ''].join(delimiter);
  const child = spawn(app, { shell: true, stdio: 'inherit', env: { ...process.env, ...environment, PATH: path } });
  return await new Promise((done) => {
    child.on('error', (error) => {
      process.stderr.write(`cdkv: ${error.message}\n`);
      done(2);
    });
    // 126 and 127: the shell could not run it.
    child.on('exit', (code) => done(code === null || code === 126 || code === 127 ? 2 : code));
  });
}
