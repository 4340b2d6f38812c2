import { relative, sep } from 'node:path';
import { Annotations, Labels, OutputFile, type Stack, type Target, text } from '../core/index.js';
import { BUNDLE_ARCHIVE, GUEST_FOLDER, type HostValue, Machine } from '../machine/index.js';

const TEMPLATE = new URL('./templates/Vagrantfile.hbs', import.meta.url);

/** Writes a stack's machines as a Vagrantfile. */
export class VagrantTarget implements Target {
  public prepare(stack: Stack): void {
    new OutputFile(stack, 'Vagrantfile', { path: 'Vagrantfile', render: () => renderVagrantfile(stack) });
    stack.ignoreSecrets();
  }

  public check(stack: Stack): void {
    if (Machine.inStack(stack).length === 0) {
      Annotations.of(stack).addError(
        'no-machines',
        `stack "${stack.stackName}" has no machine; add one: new Machine(...) or cluster.addMember(...)`,
      );
    }
  }
}

function renderVagrantfile(stack: Stack): string {
  const machines = Machine.inStack(stack);
  const values = machines.flatMap((machine) => machine.provisioners.flatMap((provisioner) => Object.values(provisioner.environment)));
  return text.render(TEMPLATE, {
    of: stack,
    stack: stack.stackName,
    path: stack.node.path,
    provisioned: machines.some((machine) => machine.provisioners.length > 0),
    uploads: machines.flatMap((machine) => machine.uploads.flatMap((upload) => upload.of)),
    labels: machines.flatMap((machine) => Labels.of(machine).origins),
    keyPairs: values.some((value) => 'pair' in value),
    bundleDestination: BUNDLE_ARCHIVE,
    doneTest: `test -e ${GUEST_FOLDER}/done`,
    machines: machines.map((machine) => ({
      of: machine,
      name: machine.machineName,
      path: machine.node.path,
      box: machine.box.name,
      boxByProvider: Object.entries(machine.box.byProvider).map(([provider, box]) => ({ provider, box })),
      address: machine.address,
      netmask: machine.subnet?.netmask,
      forwardedPorts: machine.forwardedPorts,
      memory: machine.memory.toMebibytes(),
      cpus: machine.cpus,
      labels: [...Labels.of(machine).all].map(([key, value]) => ({ key, value })),
      labelOrigins: Labels.of(machine).origins,
      bundle: [...machine.bundle]
        .map(([file, askers]) => ({ of: [...askers], path: file.path }))
        .sort((a, b) => (a.path < b.path ? -1 : 1)),
      uploads: machine.uploads.map((upload) => ({
        of: upload.of,
        name: upload.name,
        destination: upload.destination,
        source: relative(stack.folder, upload.source).split(sep).join('/'),
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
      postUpLines: machine.postUpLines,
    })),
  });
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
