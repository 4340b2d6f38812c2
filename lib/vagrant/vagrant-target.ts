import { Annotations, type Kind, Labels, listOf, mapOf, OutputFile, options, type Stack, type Target, TEXT, text } from '../core/index.js';
import {
  type Box,
  type BoxSource,
  BUNDLE_ARCHIVE,
  GUEST_FOLDER,
  type HostValue,
  isVersionConstraint,
  Machine,
  PROVIDERS,
  type Provider,
  sourceFrom,
  TRIGGER,
  type Trigger,
  triggerFault,
} from '../machine/index.js';
import { networkRows } from './networks.js';
import { checkProviders, chosen, settingRows } from './providers.js';
import { folderRows } from './synced-folders.js';

const TEMPLATE = new URL('./templates/Vagrantfile.hbs', import.meta.url);

export interface VagrantTargetProps {
  /**
   * Version constraint that Vagrant must meet besides ours, e.g. `>= 2.4.1`.
   *
   * @default - none
   */
  readonly vagrantVersion?: string;
  /**
   * Plugins that must be there, which Vagrant offers to install into the folder: a version constraint each by their names, empty for any
   * version.
   *
   * @default - none
   */
  readonly plugins?: Readonly<Record<string, string>>;
  /**
   * Providers that the machines are meant for; no other is written for. Hyper-V makes no private networks: a machine for it says
   * `network: { autoConfig: false }` and gets its address in a way of yours.
   *
   * @default - virtualbox, libvirt, vmware_desktop and parallels
   */
  readonly providers?: readonly Provider[];
  /**
   * What Vagrant does before or after its commands, for each machine.
   *
   * @default - none
   */
  readonly triggers?: readonly Trigger[];
}

const PROPS = options<VagrantTargetProps>("{ providers: ['libvirt'] }", () => ({
  vagrantVersion: TEXT,
  plugins: mapOf("{ 'vagrant-libvirt': '~> 0.12' }", TEXT),
  providers: listOf(TEXT as Kind<Provider>),
  triggers: listOf(TRIGGER),
}));

/** Writes a stack's machines as a Vagrantfile. */
export class VagrantTarget implements Target {
  public readonly providers: readonly Provider[];

  private readonly props: VagrantTargetProps;

  /** @throws SynthesisError when something of it is of another type */
  public constructor(props: VagrantTargetProps = {}) {
    const given = PROPS.ofNone('VagrantTarget', props);
    this.props = given;
    this.providers = chosen(given.providers);
  }

  public prepare(stack: Stack): void {
    if (stack.claim('target', 'vagrant', stack) !== undefined) {
      Annotations.of(stack).addError(
        'duplicate-target',
        `stack "${stack.stackName}" has two targets that write its Vagrantfile; give it one`,
      );
      return;
    }
    new OutputFile(stack, 'Vagrantfile', { path: 'Vagrantfile', render: () => renderVagrantfile(stack, this.props) });
    stack.ignoreSecrets();
  }

  public check(stack: Stack): void {
    const { vagrantVersion = '', plugins = {} } = this.props;
    const refuse = (what: string, version: string, remedy: string) =>
      Annotations.of(stack).addError('bad-version', `${what} is to be of version ${JSON.stringify(version)}, which is ${remedy}`);
    if (vagrantVersion !== '' && !isVersionConstraint(vagrantVersion))
      refuse('Vagrant', vagrantVersion, 'no constraint; write it like ">= 2.4.1, < 3"');
    for (const [name, version] of Object.entries(plugins)) {
      if (version === '' || (isVersionConstraint(version) && !version.includes(','))) continue;
      refuse(`plugin ${JSON.stringify(name)}`, version, 'not one constraint, as Vagrant takes it of a plugin; write it like "~> 0.12"');
    }
    Machine.checkSome(stack);
    checkProviders(stack, this.props.providers);
    for (const fault of (this.props.triggers ?? []).map(triggerFault))
      if (fault !== undefined) Annotations.of(stack).addError('bad-trigger', `stack "${stack.stackName}" has ${fault}`);
  }
}

function renderVagrantfile(stack: Stack, { vagrantVersion, plugins = {}, providers, triggers = [] }: VagrantTargetProps): string {
  const machines = Machine.inStack(stack);
  const written = chosen(providers);
  const described = written.some((provider) => provider !== 'hyperv'); // Vagrant sets no notes there
  // Most machines have one box in common.
  const boxes = new Map([...new Set(machines.map(({ box }) => box))].map((box) => [box, boxRows(box, providers && written)]));
  const values = machines.flatMap((machine) => machine.provisioners.flatMap((provisioner) => Object.values(provisioner.environment)));
  const uploads = machines.flatMap((machine) => machine.uploads.flatMap((upload) => upload.of));
  return text.render(TEMPLATE, {
    of: stack,
    stack: stack.stackName,
    providers: sentence(written.map((provider) => PROVIDERS[provider])),
    uses: Object.fromEntries(Object.keys(PROVIDERS).map((provider) => [provider, written.includes(provider as Provider)])),
    path: stack.node.path,
    versions: [...new Set([leastVersion(machines, written), ...(vagrantVersion === undefined ? [] : splitVersions(vagrantVersion))])],
    plugins: Object.entries(plugins).map(([name, version]) => ({ name, version })),
    provisioned: machines.some((machine) => machine.provisioners.length > 0),
    // Ruby warns of what is not used.
    isNamed: written.some((provider) => provider !== 'libvirt'), // which calls a machine as Vagrant does
    bundled: machines.some((machine) => machine.bundle.size > 0),
    asksMarks: uploads.length > 0 || values.some(({ kind }) => kind === 'provisioned-machines'),
    hasValues: values.length > 0,
    keyPairs: values.some((value) => 'pair' in value),
    uploads,
    labels: described ? machines.flatMap((machine) => Labels.of(machine).origins) : [],
    disks: machines.flatMap((machine) => machine.disks.map(({ of }) => of)),
    bundleDestination: BUNDLE_ARCHIVE,
    doneTest: `test -e ${GUEST_FOLDER}/done`,
    triggers: triggers.map(triggerRow),
    machines: machines.map((machine) => ({
      of: machine,
      name: machine.machineName,
      path: machine.node.path,
      box: boxes.get(machine.box)?.box,
      boxByProvider: boxes.get(machine.box)?.boxByProvider,
      networks: networkRows(machine),
      settings: settingRows(machine, written),
      ...folderRows(machine),
      forwardedPorts: machine.forwardedPorts.map((port) => ({ ...port, isUdp: port.protocol === 'udp' })),
      memory: machine.memory.toMebibytes(),
      cpus: machine.cpus,
      disks: machine.disks.map(({ name, size, of }) => ({ name, mebibytes: size.toMebibytes(), of })),
      labels: [...(described ? Labels.of(machine).all : [])].map(([key, value]) => ({ key, value })),
      labelOrigins: Labels.of(machine).origins,
      bundle: [...machine.bundle]
        .map(([file, askers]) => ({ of: [...askers], path: file.path }))
        .sort((a, b) => (a.path < b.path ? -1 : 1)),
      uploads: machine.uploads.map((upload) => ({
        of: upload.of,
        name: upload.name,
        destination: upload.destination,
        source: sourceFrom(stack.folder, upload),
      })),
      scripts: machine.provisioners.map((provisioner) => ({
        name: provisioner.name,
        isRaw: provisioner.isRaw ?? false,
        of: [
          provisioner.isRaw ? provisioner.script : provisioner.script.owner,
          ...Object.values(provisioner.environment).flatMap((value) => ('of' in value ? [value.of] : [])),
        ],
        file: provisioner.script.path,
        environment: Object.entries(provisioner.environment).map(([variable, value]) => ({
          of: 'of' in value ? value.of : machine,
          variable,
          ...rubyValue(value),
        })),
      })),
      cloudInit: machine.cloudInit,
      triggers: machine.triggers.map(triggerRow),
      postUpLines: machine.postUpLines,
    })),
  });
}

const sentence = (names: readonly string[]) => names.join(', ').replace(/, ([^,]*)$/, ' and $1');

const script = (inline: string | undefined) => (inline === undefined ? undefined : { inline });

/** A trigger's settings, in Vagrant's words. */
function triggerRow({ when, commands, name, info, warn, run, runRemote, onError }: Trigger) {
  const settings = { name, info, warn, run: script(run), run_remote: script(runRemote) };
  return {
    when,
    commands: commands.map((command) => Symbol(command)),
    settings: Object.entries({ ...settings, on_error: onError && Symbol(onError) })
      .filter(([, value]) => value !== undefined)
      .map(([setting, value]) => ({ setting, value })),
  };
}

const splitVersions = (version: string) => version.split(',').map((part) => part.trim());

function leastVersion(machines: readonly Machine[], providers: readonly Provider[]): string {
  if (providers.includes('hyperv') && machines.some(({ cloudInit }) => cloudInit.length > 0)) return '>= 2.4.6';
  return hasArchitecture(machines) ? '>= 2.4.0' : '>= 2.3.0';
}

function hasArchitecture(machines: readonly Machine[]): boolean {
  return machines.some(({ box }) => [box.source, ...Object.values(box.byProvider)].some(({ architecture }) => architecture !== undefined));
}

/** @param written the providers that are chosen; undefined: all are */
function boxRows({ source, byProvider }: Box, written: readonly Provider[] | undefined) {
  const others = Object.entries(byProvider).filter(([provider]) => written?.includes(provider as Provider) ?? true);
  return { box: settingsOf(source), boxByProvider: others.map(([provider, other]) => ({ provider, box: settingsOf(other, source) })) };
}

/** Settings of a box, in Vagrant's words; what only the other one has is taken back. */
function settingsOf(source: BoxSource, other?: BoxSource): { name: string; value: unknown }[] {
  const rows = ({ name, version, urls, checksum, architecture }: BoxSource) => ({
    box: name,
    box_version: version,
    box_url: urls?.length ? urls : undefined,
    box_download_checksum_type: checksum?.type,
    box_download_checksum: checksum?.value,
    box_architecture: architecture,
  });
  const theirs: Readonly<Record<string, unknown>> = other === undefined ? {} : rows(other);
  return (
    Object.entries(rows(source))
      .filter(([name, value]) => value !== undefined || theirs[name] !== undefined)
      // Without a word Vagrant takes the host's architecture, by nil the box's own favourite.
      .map(([name, value]) => ({ name, value: value ?? (name === 'box_architecture' ? Symbol('auto') : null) }))
  );
}

function rubyValue(value: HostValue): { pair?: string; half?: string; hostVariable?: string; finished?: boolean } {
  const none = { pair: '', half: '', hostVariable: '', finished: false };
  switch (value.kind) {
    case 'certificate':
      return { ...none, pair: value.pair.keyName, half: 'certificate' };
    case 'private-key':
      return { ...none, pair: value.pair.keyName, half: 'key' };
    case 'environment':
      return { ...none, hostVariable: value.variable };
    case 'provisioned-machines':
      return { ...none, finished: true };
  }
}
