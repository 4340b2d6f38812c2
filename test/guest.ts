import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { text } from '../lib/core/index.js';
import { Engine } from '../lib/index.js';
import { fill, ROOT, type Run, run, temporary } from './support.js';

const LIBRARIES = {
  provision: 'lib/provision/templates/provision.sh',
  engine: 'lib/lxd/templates/engine.sh',
  containers: 'lib/lxd/templates/containers.sh',
  network: 'lib/lxd/templates/network.sh',
  balancer: 'lib/web/templates/balancer.sh',
  'web-server': 'lib/web/templates/web-server.sh',
};

/** Folders of a machine that the scripts write to, and those below them that a Debian has. */
const MACHINE = /(?<![\w}])\/(?=(?:etc|run|var)\/)/g;
const DEBIAN = [
  'etc/apache2/cdk-vagrant',
  'etc/modules-load.d',
  'etc/sysctl.d',
  'etc/systemd/network',
  'etc/systemd/system',
  'run',
  'var/lib',
  'var/www',
];

/**
 * A machine that is none: the scripts' functions in real bash, with a home of their own and fakes of what a machine has. What they write
 * to /etc, /run and /var goes below `folder`, be it in the machine or in a container.
 */
export class Guest {
  public readonly folder = temporary();
  public readonly home = join(this.folder, 'home');

  /** @param fakes programs by name: the body of a shell script each, which finds its state in $state */
  public constructor(
    private readonly libraries: readonly (keyof typeof LIBRARIES)[],
    fakes: Readonly<Record<string, string>> = {},
    private readonly engine = Engine.lxdApt(),
  ) {
    for (const path of ['home/secrets', 'state', 'fakes', ...DEBIAN]) mkdirSync(join(this.folder, path), { recursive: true });
    for (const name of libraries) {
      const content = readFileSync(join(ROOT, LIBRARIES[name]), 'utf8');
      fill(this.folder, { [`lib/${name}.sh`]: content.replace(MACHINE, `${this.folder}/`) });
    }
    for (const [name, body] of Object.entries(fakes)) {
      const log = `echo "${name} $*" >>"$state/log"\n`;
      fill(join(this.folder, 'fakes'), { [name]: `#!/bin/bash\nstate=${join(this.folder, 'state')}\n${log}${body}\n` });
      chmodSync(join(this.folder, 'fakes', name), 0o755);
    }
  }

  /** Runs some lines after the libraries were read. provision.sh sets PATH itself, so the fakes come in front of it then. */
  public run(script: string, env: Readonly<Record<string, string>> = {}): Run {
    const lines = [
      `home=${this.home}`,
      'title=test',
      ...this.libraries.map((name) => `source ${this.folder}/lib/${name}.sh`),
      this.libraries.includes('engine')
        ? `engine ${this.engine.words.map((word) => text.sh(word)).join(' ')}`
        : `client=${this.engine.client}`,
      `PATH=${join(this.folder, 'fakes')}:$PATH`,
      `cd ${this.folder}`,
      script,
    ];
    return run('bash', ['-s'], { input: `${lines.join('\n')}\n`, env });
  }

  /** The same, for what must succeed. @returns what it told, without how long that took, with paths as on a machine */
  public told(script: string, env: Readonly<Record<string, string>> = {}): string {
    const { code, out, err } = this.run(script, env);
    expect(code, `${script}\n${out}${err}`).toBe(0);
    return out.replace(/\(\d+ s\)/g, '(0 s)').replaceAll(this.folder, '');
  }

  /** What the fakes were called with since the last time. */
  public calls(): string[] {
    const log = join(this.folder, 'state/log');
    const text = existsSync(log) ? readFileSync(log, 'utf8') : '';
    fill(join(this.folder, 'state'), { log: '' });
    return text.split('\n').filter((line) => line !== '');
  }
}
