import type { IConstruct } from 'constructs';
import { Annotations, groupBy, type Stack } from '../core/index.js';
import { Machine, PROVIDER_OF_TYPE, PROVIDERS, type Provider, plainSettings } from '../machine/index.js';

const USUAL: readonly Provider[] = ['virtualbox', 'libvirt', 'vmware_desktop', 'parallels'];

/** The providers that are written for. */
export const chosen = (providers: readonly Provider[] | undefined): readonly Provider[] => providers ?? USUAL;

/** A line of a provider's block: `name = value`, `name[key] = value`, or a call, `name value`. */
interface SettingLine {
  readonly of: readonly IConstruct[];
  readonly name: string;
  readonly key: string;
  readonly value: unknown;
  readonly isKeyed: boolean;
  readonly isCall: boolean;
}

/** What a machine wants of single providers. */
export function settingRows(machine: Machine, providers: readonly Provider[]): { provider: Provider; lines: SettingLine[] }[] {
  const all = plainSettings(machine.providers);
  return providers
    .map((provider) => ({
      provider,
      lines: [
        ...(provider === 'virtualbox' ? promiscuousLines(machine) : []),
        ...Object.entries(all[provider] ?? {}).flatMap(([name, value]) => linesOf(machine, provider, name, value)),
      ],
    }))
    .filter(({ lines }) => lines.length > 0);
}

/** VirtualBox counts interfaces from 1, and the first is Vagrant's own. */
function promiscuousLines(machine: Machine): SettingLine[] {
  return machine.networks.flatMap(({ promiscuousFor }, n) =>
    promiscuousFor.size === 0 ? [] : [call([...promiscuousFor], 'customize', ['modifyvm', ':id', `--nicpromisc${n + 2}`, 'allow-all'])],
  );
}

/** A command with the machine's own id in it. */
function call(of: readonly IConstruct[], name: string, words: readonly string[]): SettingLine {
  return { of, name, key: '', value: words.map((word) => (word === ':id' ? Symbol('id') : word)), isKeyed: false, isCall: true };
}

function linesOf(machine: Machine, provider: Provider, name: string, value: unknown): SettingLine[] {
  const line = { of: [machine], name, key: '', value, isKeyed: false, isCall: false };
  if (name === 'customize') return (value as string[][]).map((words) => call([machine], name, words));
  const byKey = (hash: object) =>
    Object.entries(hash).map(([key, one]) => ({ ...line, name: 'vmx', key, value: one as string, isKeyed: true }));
  if (name === 'vmx') return byKey(value as object);
  if (provider === 'vmware_desktop' && name === 'memory') return byKey({ memsize: String(value) });
  if (provider === 'vmware_desktop' && name === 'cpus') return byKey({ numvcpus: String(value) });
  return [line];
}

/** Notes which providers cannot be served, and what those that are chosen cannot give. */
export function checkProviders(stack: Stack, providers: readonly Provider[] | undefined): void {
  const usable = Object.keys(PROVIDERS);
  const unknown = (providers ?? []).filter((provider) => !usable.includes(provider));
  for (const provider of unknown) {
    const why = provider === ('qemu' as string) ? 'has no networks between machines' : 'is none that we know';
    Annotations.of(stack).addError(
      'bad-provider',
      `stack "${stack.stackName}" is to be for ${JSON.stringify(provider)}, which ${why}; choose among ${usable.join(', ')}`,
    );
  }
  if (providers?.length === 0)
    Annotations.of(stack).addError('bad-provider', `stack "${stack.stackName}" is for no provider; choose among ${usable.join(', ')}`);
  if (providers?.length === 0) return;
  const written = chosen(providers);
  if (written.includes('libvirt')) checkLibvirtNames(stack);
  for (const machine of Machine.inStack(stack)) {
    if (machine.cloudInit.length > 0 && !written.some((provider) => ['virtualbox', 'hyperv'].includes(provider))) {
      Annotations.of(machine).addError(
        'unsupported-cloud-init',
        `"${machine.machineName}" has user data for cloud-init, which Vagrant hands over on VirtualBox and Hyper-V only; choose one of them in the target's providers, or leave it out`,
      );
    }
    for (const [of, ports] of unforwarded(machine, written)) {
      Annotations.of(of).addError(
        'unsupported-port',
        `host port ${ports.map(({ hostPort, isUdp }) => `${hostPort}${isUdp ? ' (UDP)' : ''}`).join(', ')} for "${machine.machineName}" is forwarded by none of ${written.join(', ')}: Vagrant forwards no port on Hyper-V, and no UDP on libvirt; leave it out, or choose another in the target's providers`,
      );
    }
    for (const { name, of } of written.every((provider) => provider === 'parallels') ? machine.disks : []) {
      Annotations.of(of).addError(
        'unsupported-disk',
        `disk "${name}" of "${machine.machineName}" is given by no provider that the stack is written for; choose another than parallels in the target's providers, or leave it out`,
      );
    }
    for (const { guest, type } of machine.syncedFolders) {
      const only = type && PROVIDER_OF_TYPE[type];
      if (only === undefined || written.includes(only)) continue;
      Annotations.of(machine).addError(
        'unsupported-synced-folder',
        `synced folder ${JSON.stringify(guest)} of "${machine.machineName}" is of type ${type}, which only ${PROVIDERS[only]} has; make it of another, or choose ${only} in the target's providers`,
      );
    }
    for (const provider of written) {
      for (const fault of networkFaults(machine, provider)) Annotations.of(machine).addError('unsupported-network', fault);
      const box = machine.box.byProvider[provider] ?? machine.box.source;
      const missing = unbuilt(box, provider);
      if (missing !== undefined) {
        Annotations.of(machine).addError(
          'unsupported-box',
          `box "${box.name}" of "${machine.machineName}" is not built for ${missing}; give another (byProvider: { ${provider}: ... }), or leave ${provider} out of the target's providers`,
        );
      }
    }
  }
}

/** A network of libvirt is one subnet. */
function checkLibvirtNames(stack: Stack): void {
  const known = new Map<string, { readonly subnet: string; readonly of: string }>();
  for (const machine of Machine.inStack(stack)) {
    for (const { subnet, settings } of machine.networks) {
      const name = settings.libvirtName;
      if (name === undefined || subnet === undefined) continue;
      const other = known.get(name);
      if (other === undefined) known.set(name, { subnet: String(subnet), of: machine.machineName });
      else if (other.subnet !== String(subnet)) {
        Annotations.of(machine).addError(
          'bad-network',
          `the network ${subnet} of "${machine.machineName}" is to be libvirt's "${name}", which is ${other.subnet} for "${other.of}"; give it another name`,
        );
      }
    }
  }
}

/** Ports of the host that no provider forwards, by what asked for them. */
function unforwarded(machine: Machine, providers: readonly Provider[]): Map<IConstruct, { hostPort: number; isUdp: boolean }[]> {
  const ports = machine.forwardedPorts.map(({ hostPort, protocol, of }) => ({ hostPort, isUdp: protocol === 'udp', of }));
  const reaches = (provider: Provider, isUdp: boolean) => provider !== 'hyperv' && !(provider === 'libvirt' && isUdp);
  const lost = ports.filter(({ isUdp }) => !providers.some((provider) => reaches(provider, isUdp)));
  return groupBy(lost, ({ of }) => of);
}

function* networkFaults(machine: Machine, provider: Provider): Generator<string> {
  const name = `"${machine.machineName}"`;
  if (provider === 'hyperv') {
    const [first, ...others] = machine.networks;
    if (first?.settings.autoConfig !== false)
      yield `${name} has the static address ${machine.address}, and Vagrant sets none on Hyper-V; let something of yours do it and say network: { autoConfig: false }, or leave hyperv out of the target's providers`;
    if (others.length > 0)
      yield `${name} has ${machine.networks.length} networks, and Vagrant gives one interface on Hyper-V; leave hyperv out of the target's providers`;
    if (machine.networks.some(({ promiscuousFor }) => promiscuousFor.size > 0))
      yield `${name} is to take frames for other hardware addresses, which Hyper-V keeps out; leave hyperv out of the target's providers`;
  }
  if (provider === 'libvirt') {
    if (machine.providers.libvirt?.qemu_use_session === true)
      yield `${name} is to run in the user's session of libvirt, which has no private networks; leave out qemu_use_session`;
    for (const { kind, device } of machine.networks)
      if (kind === 'public' && device === undefined)
        yield `a public network of ${name} has no interface of the host for libvirt; give it "device", e.g. "eno1", or leave libvirt out of the target's providers`;
  }
}

/** What a box of a well-known maker is not built for; undefined for all others. Sources: tables of bento and Debian; checked 2026-11. */
function unbuilt({ name, architecture, urls }: Machine['box']['source'], provider: Provider): string | undefined {
  const [maker = ''] = name.split('/');
  if (urls !== undefined || !['bento', 'debian'].includes(maker)) return undefined;
  if (provider === 'hyperv') return PROVIDERS.hyperv;
  return provider === 'libvirt' && architecture === 'arm64' ? 'libvirt on arm64' : undefined;
}
