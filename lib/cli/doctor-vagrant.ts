import type { AssembledStack } from '../core/index.js';
import { type Ailment, ill, well } from './ailment.js';
import { run } from './check.js';

/** What there is to run machines with. */
export interface Vagrant {
  /** Undefined: there is none. */
  readonly version: string | undefined;
  /** Those that are ready, and that the user has not ruled out. */
  readonly providers: readonly string[];
  readonly found: readonly Ailment[];
}

/** Looks for Vagrant, and for what it makes machines with. */
export async function vagrantAndProviders(): Promise<Vagrant> {
  const { code, text } = await run('vagrant', ['--version'], '.');
  if (code !== 0)
    return {
      version: undefined,
      providers: [],
      found: [ill('Vagrant is not installed; get it from your distribution or from its makers')],
    };
  const [, version = ''] = /Vagrant (\d\S*)/.exec(text) ?? [];
  const found = [well(`Vagrant ${version}`)];

  const plugins = (await run('vagrant', ['plugin', 'list'], '.')).text;
  const runs = async (program: string, words: readonly string[]) => (await run(program, words, '.')).code === 0;
  const candidates: readonly [provider: string, there: () => Promise<boolean>][] = [
    ['virtualbox', () => runs('VBoxManage', ['--version'])],
    ['libvirt', async () => plugins.includes('vagrant-libvirt') && (await runs('virsh', ['-c', 'qemu:///system', 'version']))],
    ['vmware_desktop', async () => plugins.includes('vagrant-vmware-desktop')],
    ['parallels', async () => plugins.includes('vagrant-parallels')],
    // Not run by us: it takes Windows.
    ['hyperv', async () => process.platform === 'win32' && (await runs('powershell', ['-NoProfile', '-Command', 'Get-VMHost']))],
  ];
  const providers: string[] = [];
  for (const [provider, there] of candidates) if (await there()) providers.push(provider);
  const wanted = process.env.VAGRANT_DEFAULT_PROVIDER || undefined;
  if (providers.length === 0) {
    const almost = plugins.includes('vagrant-libvirt') ? ' (the plugin vagrant-libvirt is there, but libvirt does not answer)' : '';
    found.push(ill(`no provider${almost}; install VirtualBox, or libvirt with the plugin vagrant-libvirt`));
  } else if (wanted !== undefined && !providers.includes(wanted)) {
    found.push(ill(`VAGRANT_DEFAULT_PROVIDER is ${wanted}, which is not ready; there are: ${providers.join(', ')}`));
  } else found.push(well(`provider ${wanted ?? providers.join(', ')}`));
  return { version, found, providers: wanted === undefined ? providers : [wanted] };
}

/** What a stack asks of Vagrant. */
export function vagrantFor(stack: AssembledStack, { version, providers }: Vagrant): Ailment[] {
  const found: Ailment[] = [];
  const least = leastVersion(stack);
  if (version !== undefined && isOlder(version, least))
    found.push(ill(`Vagrant ${version} is too old for stack "${stack.name}"; install ${least} or later`));
  const wanted = stack.providers;
  if (wanted !== undefined && providers.length > 0 && !wanted.some((provider) => providers.includes(provider))) {
    const ready = `ready ${providers.length === 1 ? 'is' : 'are'} ${providers.join(', ')}`;
    found.push(
      ill(
        `stack "${stack.name}" is written for ${wanted.join(', ')}, and ${ready}; install what it is for, or add to its target's providers`,
      ),
    );
  }
  return found;
}

/** The newest version that the Vagrantfile asks for; what it rules out, Vagrant itself says. */
function leastVersion({ files }: AssembledStack): string {
  const content = files.find(({ path }) => path === 'Vagrantfile')?.content ?? '';
  const [line = ''] = /^Vagrant\.require_version .*$/m.exec(Buffer.from(content).toString()) ?? [];
  const versions = [...line.matchAll(/>=? *(\d+(?:\.\d+)*)/g)].map(([, version]) => version as string);
  return versions.reduce((newest, version) => (isOlder(newest, version) ? version : newest), '0');
}

function isOlder(one: string, other: string): boolean {
  const [a, b] = [one, other].map((version) => version.split('.').map((part) => Number.parseInt(part, 10) || 0)) as [number[], number[]];
  const at = b.findIndex((number, index) => number !== (a[index] ?? 0));
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}
