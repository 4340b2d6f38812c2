import type { IConstruct } from 'constructs';
import { inDependencyOrder, type Owners, text } from '../core/index.js';
import { GUEST_FOLDER } from '../machine/index.js';
import { type Command, recipeFile, renderHead } from '../provision/index.js';
import type { Container } from './container.js';
import type { Member } from './member.js';
import { STORAGE_DISK } from './storage.js';

const CLUSTER_SCRIPT = new URL('./templates/cluster.sh.hbs', import.meta.url);
const CONTAINERS_SCRIPT = new URL('./templates/containers.sh.hbs', import.meta.url);

/** The script that makes a machine a member of its cluster. */
export function renderClusterScript(member: Member): string {
  const { cluster, machine } = member;
  const name = machine.machineName;
  const founder = (cluster.members[0] as Member).machine;
  const others = cluster.members.filter((other) => other !== member).map((other) => other.machine);
  const head = renderHead(member, {
    file: clusterScriptName(name),
    what: `makes ${name} a member of the cluster ${cluster.node.path}.`,
  });
  return `${head}${text.render(CLUSTER_SCRIPT, {
    of: member,
    founder,
    steps: 3 + member.ownSteps.filter(({ script }) => script === 'cluster').length,
    name,
    title: `${name}, cluster`,
    otherMachines: others,
    otherNames: member.isFounder ? others.map((other) => other.machineName) : [],
    otherAddresses: others.map((other) => other.address),
    engine: cluster.engine.words,
    engineOf: cluster.engineOf,
    installOf: [machine, cluster.engineOf],
    installing: String(cluster.engine),
    install: cluster.engine.on(machine.box.system)?.install,
    storage: cluster.engine.on(machine.box.system)?.install[0] === 'snap' ? [] : cluster.storage.packages(machine.box.system),
    storageDisk: cluster.storage.disk === undefined ? [] : [STORAGE_DISK, cluster.storage.disk.toMebibytes()],
    founds: member.isFounder,
    fan: cluster.network.kind === 'fan',
    containersFile: `${name}_cfg.sh`,
    joinPreseed: `preseeds/${name}-join.yaml`,
    foundPreseed: `preseeds/${name}-found.yaml`,
    joinDeadline: cluster.joinDeadline.toSeconds(),
    waitingFor: `${founder.machineName} (${founder.address}), which founds the cluster`,
    missing: `${founder.machineName} (${founder.address}), which founds the cluster, does not answer, nor does another member`,
    remedy: `vagrant up ${founder.machineName} && vagrant provision ${name}`,
  })}`;
}

/** The script that looks after a member's containers. */
export function renderContainersScript(member: Member): string {
  const { cluster, machine, services } = member;
  const name = machine.machineName;
  const shared = member.sharedSoftware;
  const templates = shared.map(({ template, software, image, containers }) => ({
    of: member,
    from: [...containers, ...cluster.engineOf],
    block: `software ${software.name}`,
    title: `Software ${software.name}, once for several containers`,
    commands: [['prepare', template, image.source, recipeFile(member, software).path, ...containers.map((each) => each.containerName)]],
    name: template,
  }));
  const preparations = [...fileImages(member), ...templates];
  const { network, engineOf } = cluster;
  const near = String(network.subnetIn(cluster));
  const sharing = new Map(
    shared.flatMap(({ template, containers }, index) => {
      const prepared = { source: `template:${template}`, of: templates[index]?.from ?? [] };
      return containers.map((container) => [container, prepared]);
    }),
  );
  const containers = inDependencyOrder(member.containers).map((container) => callsOf(container, engineOf, near, sharing.get(container)));
  return text.render(CONTAINERS_SCRIPT, {
    of: member,
    file: `${name}_cfg.sh`,
    name,
    path: member.node.path,
    home: GUEST_FOLDER,
    engine: cluster.engine.words,
    engineOf,
    libraries: services.libraries.map((file) => file.path),
    title: `${name}, containers`,
    steps:
      (network.kind === 'published' ? 3 : 4) +
      services.services.length +
      preparations.length +
      containers.length +
      member.ownSteps.filter(({ script }) => script === 'containers').length,
    firewall: `firewall/${name}.nft`,
    stack: cluster.stackName,
    network: network.kind === 'published' ? undefined : network.words(member),
    machines: [cluster, cluster.members.map((each) => each.machine)],
    preparations,
    templates: templates.map((template) => template.name),
    sharing: templates.map((template) => template.from),
    counted: [member.containers, services.services.map(({ of }) => of), ...preparations.map((preparation) => preparation.from), member],
    containers,
    services: services.calls,
    serviceNames: services.services.map((service) => service.name),
    serviceOwners: services.services.map(({ of }) => of),
    prune: cluster.prune ? 'yes' : 'no',
    names: cluster.namesFile.path,
  });
}

/**
 * What makes a container.
 *
 * @param near the network that containers share
 * @param prepared what it is copied from, when others have the same software
 */
function callsOf(
  container: Container,
  engineOf: Owners,
  near: string,
  prepared: { readonly source: string; readonly of: Owners } | undefined,
): { of: Container; name: string; path: string; commands: Command[] } {
  const { containerName: name, software, image, address, networkAddress, machine, member, node } = container;
  const of = [container, prepared?.of ?? [], engineOf];
  const commands: Command[] = [{ of, words: ['container', name, prepared?.source ?? image.source] }];
  if (networkAddress !== undefined) {
    const words = ['network_address', name, networkAddress, near, address, machine.address];
    commands.push({ of: [container, member.cluster], words });
  }
  if (software !== undefined) commands.push({ of: [container], words: ['install_software', name, recipeFile(container, software).path] });
  return { of: container, name, path: node.path, commands: commands.concat(container.commandLists.flatMap((list) => list())) };
}

/** Images from files: the founder imports them, the others wait for it. */
function fileImages(member: Member): { of: Member; from: IConstruct[]; block: string; title: string; commands: string[][] }[] {
  const { cluster } = member;
  const founder = cluster.members[0] as Member;
  const wanted = new Set(member.containers.map((container) => container.image));
  return cluster.images
    .filter((image) => image.files !== undefined && (member.isFounder || wanted.has(image)))
    .map((image) => ({
      of: member,
      from: [...cluster.containers.filter((container) => container.image === image), cluster],
      block: `image ${image.source}`,
      title: `Image ${image.source}`,
      commands: [
        member.isFounder
          ? ['import_image', image.source, ...image.uploads.map((upload) => upload.destination)]
          : ['await_image', image.source, founder.machine.machineName],
      ],
    }));
}

/**
 * Name of the script that makes a machine a member: `vmServidor1` gives `clusterServidor1.sh`. A name that does not begin with `vm`
 * and a capital or digit keeps itself whole behind a hyphen (`node-1` gives `cluster-node-1.sh`), so no two names give the same file.
 */
export function clusterScriptName(machine: string): string {
  const rest = /^vm([A-Z0-9].*)$/.exec(machine)?.[1];
  return rest === undefined ? `cluster-${machine}.sh` : `cluster${rest}.sh`;
}
