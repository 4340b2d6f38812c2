import type { RuleCategory, Severity } from './core/index.js';

/** What a finding's id means. */
export interface MessageMeaning {
  readonly severity: Severity;
  /** What the rule is about that tells it; undefined for an error and for what is noted of the disk, which no rule tells. */
  readonly category?: RuleCategory;
  /** When it is told. */
  readonly when: string;
  /** What to do. */
  readonly remedy: string;
}

const error = (when: string, remedy: string): MessageMeaning => ({ severity: 'error', when, remedy });
const warning = (category: RuleCategory, when: string, remedy: string): MessageMeaning => ({ severity: 'warning', category, when, remedy });
const info = (category: RuleCategory, when: string, remedy: string): MessageMeaning => ({ severity: 'info', category, when, remedy });

/**
 * All findings of this library by id. Ids are stable: warnings are acknowledged by them. docs/MESSAGES.md is made from this table by
 * `npm run docs`; a test compares it with what the code tells.
 */
export const MESSAGES: Readonly<Record<string, MessageMeaning>> = {
  // the tree and its output
  'acknowledge-without-reason': error('a finding is acknowledged with an empty reason', 'say why it is accepted'),
  'bad-output-path': error(
    'a file would not stay in the folder of its stack, or its path has a control character',
    'give a relative path with "/", without "." or ".." parts',
  ),
  'bad-stack-name': error('the name of a stack cannot name a folder', 'use letters, digits, ".", "_" and "-", at most 63'),
  'dependency-cycle': error('constructs depend on each other in a circle', 'take one of the dependencies out'),
  'duplicate-id': error('two constructs have one id below one construct', 'give one of them another'),
  'duplicate-output-file': error('two files have one path, or one has the path of a folder of the other', 'rename one'),
  'duplicate-stack': error('two stacks have one name; names of folders ignore case on macOS and Windows', 'rename one'),
  'duplicate-target': error('a stack has two targets of one kind', 'give it one'),
  failed: error(
    'an aspect, a check, a rule, a validation or the rendering of a file threw an error; mostly by a value of a wrong type',
    'mend it where it says, or run npx tsc --noEmit',
  ),
  'file-without-stack': error('an output file is in no stack', 'make it below one'),
  'half-published': error(
    'a synthesis could not finish writing its files, or was refused once it had completed an interrupted one',
    'remove the cause; the next cdkv synth completes it',
  ),
  'long-output-path': error('the path of a file is too long for a tar archive', 'keep each part below 100 bytes and the whole below 200'),
  'nested-stack': error('a stack is not directly below the app', 'make it there: new Stack(app, name)'),
  'no-machines': error('a stack has no machine', 'add one'),
  'no-stacks': error('an app has no stack', 'make one'),
  'orphan-stack': {
    severity: 'info',
    when: 'beside the folders of the stacks is one of a stack that the app does not make: it left the app, has another name, or is of another app',
    remedy: 'run "vagrant destroy" in it, then delete it, or acknowledge it on the app',
  },
  'other-stack': error('a construct refers to one of another stack', 'keep both in one stack'),
  'output-blocked': error(
    'a file to be written or removed was edited, is of somebody else, or cannot be written',
    'move it away, or overwrite it with --force',
  ),
  'raw-override-unmatched': error('raw text is to take the place of lines that are not there', 'look at what is written, or append it'),
  'raw-without-block': error('raw text is for a block that its construct does not have', 'name one that it has'),
  'reserved-output-path': error('a file has the name of one that the library or Vagrant writes', 'choose another name'),
  'unquotable-text': error(
    'a text holds what its file cannot carry: NUL, a line break in haproxy.cfg, a control character in YAML or a comment',
    'take it out',
  ),
  'wrong-type': error(
    'a prop or an argument is of another type than it takes, or is needed and not given; TypeScript would say so, JavaScript does not',
    'give what it asks for, e.g. a Size in place of a number',
  ),
  validation: error("a construct's own validation (node.addValidation) fails", 'as it says'),

  // machines
  'address-outside-subnet': error('the address of a machine is outside its subnet', 'choose one inside it'),
  'bad-address': error('the address of a machine is no IPv4 address', 'write it like 192.168.56.5'),
  'bad-cloud-init': error('a piece of user data is of no known type, or is not there', 'as it says'),
  'bad-cloud-network': error('a network for cloud-init names no interface or address, one twice, or that of another machine', 'correct it'),
  'bad-network': error('a network of a machine cannot be made as it is described', 'as it says'),
  'bad-port-range': error('two ranges of ports are not of one length', 'give the first and last of each'),
  'bad-provider': error(
    'a stack is to be written for a provider that the library does not know or cannot serve',
    'choose among those it names',
  ),
  'bad-provider-setting': error('a setting of a provider has a name or a value that it cannot have', 'as it says'),
  'bad-ssh-key': error('a key that is to log in is no public key', 'give a line of authorized_keys'),
  'long-user-data': error('user-data has more bytes than clouds take (16 KiB)', 'leave out some of the keys'),
  'bad-synced-folder': error('a synced folder is not there, has no place in the machine or options that are none', 'as it says'),
  'bad-trigger': error('a trigger waits for nothing, or does nothing', 'as it says'),
  'bad-user-data': error('words of your own for cloud-init are no map, or would take the place of what starts a machine', 'as it says'),
  'bad-version': error('a version that Vagrant or a plugin is to have is no constraint', 'write it like ">= 2.4.1"'),
  'bad-count': error('a group has a number of machines that is none', 'give a whole number from 1 to 10000'),
  'bad-disk': error('a disk of a machine has a name that is taken or none, or the size of that of its storage pool', 'as it says'),
  'bad-cpus': error('a number of processors is not a whole number, at least 1', 'give one'),
  'bad-label': error(
    'a label has a key that is none, control characters in its value, or no value',
    'use lower-case letters, digits, ".", "_" and "-" for the key, and a text for the value',
  ),
  'bad-host-name': error('the name of a machine is no host name', 'use letters, digits and "-", at most 63, not "-" at an end'),
  'bad-provisioner': error(
    "a provisioner of the user's has no free name, no script or no place",
    'give it another name, "inline" or "file", and the name of one that it comes before',
  ),
  'bad-port': error('a port is none of TCP or UDP', 'choose one from 1 to 65535'),
  'bad-subnet': error('a subnet is no IPv4 network', 'write it like 192.168.56.0/24'),
  'duplicate-address': error('two machines have one address', 'give each its own'),
  'duplicate-host-port': error('two services have one port of the host', 'choose another for one of them'),
  'duplicate-machine': error('two machines have one name; host names ignore case', 'rename one'),
  'duplicate-port': error('two services have one port of a machine or balancer', 'choose another for one of them'),
  'end-of-life-box': warning('lifecycle', 'a box is of a distribution that gets no updates any more', 'choose a later one'),
  'privileged-host-port': warning(
    'network',
    'a port of the host is below 1024, which only root may open on most hosts',
    'choose one from 1024 on',
  ),
  'reserved-address': error("a machine has the network's, the broadcast or the host's own address", 'choose another'),
  'reserved-port': error('a service has the port of SSH or of the API of LXD or Incus', 'choose another'),
  'subnet-refused-by-virtualbox': warning(
    'network',
    'VirtualBox on Linux refuses the subnet unless it is told to take it',
    'put the line it gives into /etc/vbox/networks.conf, or use 192.168.56.0/21',
  ),
  'unsupported-box': error('a box is not built for a provider that its stack is written for', 'give another, or leave the provider out'),
  'unsupported-cloud-init': error(
    'user data is to be handed over by providers that do not',
    'write the stack for virtualbox or hyperv, too, or leave it out',
  ),
  'unsupported-disk': error(
    'a machine has a further disk, and no provider that its stack is written for gives it one',
    'choose another provider',
  ),
  'unsupported-port': error(
    'a port of the host is forwarded by no provider that its stack is written for',
    'leave it out, or choose another provider',
  ),
  'unsupported-network': error(
    'a machine has a network that a provider which its stack is written for cannot give',
    'leave the provider out, or what it says',
  ),
  'unsupported-synced-folder': error(
    'a synced folder is of a type that no provider has which its stack is written for',
    'make it of another type',
  ),
  'without-host': warning(
    'network',
    'a machine has ports of the host, synced folders or triggers, in a stack for servers and clouds only',
    'leave them out, or write the stack for Vagrant, too',
  ),

  // the cluster and its containers
  'bad-cluster-network': error('the network of a cluster has a subnet, pool or mtu that is none, or not within', 'choose another'),
  'bad-container-address': error(
    'the address of a container is none of those that its network has on its member, or its network gives none',
    'choose one of those that the message names, or leave it out',
  ),
  'bad-container-name': error(
    'LXD does not take the name of a container',
    'use letters, digits and "-", at most 63, beginning with a letter',
  ),
  'bad-instance-option': error('an option or a device of a container is none of LXD or Incus, or not for the user to set', 'as it says'),
  'colliding-names': error('two names of containers on one machine give the same address', 'rename one, or put it on another member'),
  'cpus-above-machine': warning(
    'capacity',
    'a container may use more processors than its machine has',
    'lower the limit or enlarge the machine',
  ),
  'duplicate-container': error('two containers of a cluster have one name', 'rename one'),
  'duplicate-image': error('two different images have one alias', 'give one another alias'),
  'duplicate-software': error('two different recipes have one name', 'rename one'),
  'empty-cluster': error('a cluster has no member', 'add one'),
  'end-of-life-image': warning('lifecycle', 'an image is of a distribution that gets no updates any more', 'choose a later one'),
  'late-founder': error(
    'a machine would be started before the one that founds its cluster',
    'take out the dependency, or add that one as the first member',
  ),
  'memory-above-machine': error('a container may use more memory than its machine has', 'lower the limit or enlarge the machine'),
  'memory-overcommitted': warning(
    'capacity',
    'the containers of a machine may use more memory together than it has',
    'lower the limits or enlarge the machine',
  ),
  'missing-engine': error('the system of a member has not the engine of its cluster', 'choose another engine or another box'),
  'mixed-engines': error('the systems of two members have different versions of the engine', 'give them boxes that have the same'),
  'missing-image': error('a file of an image does not exist', 'put it there or correct the path'),
  'fan-kernel': warning('network', "a cluster has Ubuntu's fan, which other kernels do not know", 'use Network.vxlan()'),
  'network-not-given': error("a machine cannot be given a further interface, or what its cluster's network needs", 'use Network.vxlan()'),
  'open-servers': warning(
    'security',
    'with macvlan everybody on the private network reaches the servers past their balancers',
    'use Network.bridged(), or acknowledge it',
  ),
  'overlapping-subnets': error(
    "the machines' subnet, that of the containers' bridges, or VXLAN's overlaps another of them",
    'choose another',
  ),
  'second-cluster': error('a stack has two clusters', 'put the second one into a stack of its own'),
  'small-member': warning(
    'capacity',
    'a member of a cluster has less than 512 MiB, of which LXD leaves little to containers',
    'give it more memory',
  ),
  'bad-preseed': error(
    "a key of a cluster's preseed is of another shape than its engine reads, or would take the place of ours",
    'give it a map, or a list of things with a name each',
  ),
  'unknown-preseed-key': error("a key or an option of a cluster's preseed is none of its engine", 'take it out or choose another engine'),
  'small-storage': error('the storage of a cluster is smaller than one container needs', 'give it at least 1 GiB'),
  'unknown-remote': error('an image is of a server that the engine does not have', 'choose another one, or an image from files'),
  'two-member-cluster': warning('availability', 'a cluster of two has no majority when either is down', 'add a third member'),

  // web servers and balancers
  'backups-beside-primary': warning(
    'availability',
    'all backups of a backend are on the machine of one primary and go down with it',
    'spread them over two machines',
  ),
  'bad-backend-name': error('HAProxy does not take the name of a backend', 'use letters, digits, "-", "_" and "."'),
  'bad-check-path': error('the path of a health check is none', 'begin it with "/", without spaces'),
  'bad-error-page': error('the name of an error page is no status that HAProxy answers', 'name it like 503.html'),
  'bad-frontend-name': error('HAProxy does not take the name of a frontend', 'use letters, digits, "-", "_" and "."'),
  'bad-max-connections': error('a limit of connections is not a whole number in its range', 'give one'),
  'bad-publish-port': error('a frontend on a machine itself has another port that clients open', 'leave publishPort out'),
  'unreached-server': error(
    'the balancer of a server runs on a machine itself, and the network of the server is for containers only',
    'put the balancer into a container, or use Network.bridged()',
  ),
  'other-subnet': warning(
    'network',
    'a server and its balancer are on machines of different subnets',
    'give both machines addresses of one subnet',
  ),
  'unused-port': error('a server has a port, and answers at an address of its own on the network of its cluster', 'leave the port out'),
  'bad-server-name': error('HAProxy does not take the name of a server', 'use letters, digits, "-", "_" and "."'),
  'bad-service-name': error(
    'the name of a service on a machine itself names no files',
    'use letters, digits and "-", at most 63, beginning with a letter',
  ),
  'bad-statistics-uri': error('the URI of the statistics is no path', 'begin it with "/", without spaces'),
  'bad-statistics-user': error('the user of the statistics has a name that HAProxy does not take', 'use letters, digits, ".", "_" and "-"'),
  'bad-weight': error('the weight of a server is not a whole number from 1 to 256', 'give one'),
  'balancer-beside-server': info(
    'availability',
    'a primary is on the machine of its balancer and goes down with it',
    'put it on another machine',
  ),
  'balancer-memory': warning(
    'capacity',
    'a balancer takes more connections than its memory is enough for',
    'lower maxConnections or give it more memory',
  ),
  'duplicate-backend': error('two backends have one name', 'rename one'),
  'duplicate-frontend': error('two frontends have one name, or nearly', 'rename one'),
  'duplicate-service': error('a service on a machine itself has a name that another service or container has', 'rename one'),
  'empty-backend': error('a backend has no server', 'add one'),
  'empty-backup-pool': error('a pool of backups has no server', 'add one'),
  'error-page-too-large': error('an error page with its head is more than HAProxy takes: 16,384 bytes', 'shorten it'),
  'max-connections-above-server': warning(
    'capacity',
    'a server gets more requests at the same time than its Apache serves: 150',
    'lower maxConnections',
  ),
  'missing-error-pages': error('a folder of error pages does not exist or is empty', 'correct the path or drop errorPages'),
  'missing-site': error('the files of a site do not exist, or lack an index.html', 'correct the path'),
  'no-container': error('a service on a machine itself is given what only a container takes', 'leave it out, or put it on a member'),
  'no-frontend': error('a balancer has no frontend', 'make one'),
  'no-site': error('a server has no site', 'give it one, or its backend'),
  'second-balancer': error('a machine has two balancers', 'let the frontends share one'),
  'single-balancer': info(
    'availability',
    'one machine alone balances a backend, which nobody reaches while it is down',
    'add a balancer on another machine, with a name and a frontend of its own',
  ),
  'single-machine-backend': warning(
    'availability',
    'all servers of a backend, two or more, are on one machine and go down with it',
    'spread them over two machines',
  ),
  'missing-health-check': warning('availability', 'raw text takes the health check from a backend', 'put another check in its place'),
  'single-server': warning('availability', 'a backend has one server and no backup', 'add another'),
  'two-machines': error('a frontend is on another machine than its balancer', 'leave out "on"'),
  'unisolated-neighbour': warning(
    'security',
    'a container reaches web servers past their balancer, over the bridge that they share',
    'make it isolated, or put it on another machine',
  ),
  'unused-backend': warning('availability', 'no frontend leads to a backend', 'make it the defaultBackend of a HaproxyFrontend'),

  // trials
  'bad-load-model': error('a load test has neither users nor a rate, or both', 'give it users (and rampUp, loops), or rate and duration'),
  'bad-load-name': error('the name of a load test cannot name a file', 'use letters, digits, ".", "_" and "-", at most 63'),
  'bad-load-path': error('a path of a load test is none', 'begin it with "/" and write other characters than those of a URL as %XX'),
  'bad-load-rate': error('the rate of a load test is none, or makes no request', 'give one from 0.001, with at most three decimals'),
  'bad-load-users': error('the users or loops of a load test are not a whole number, at least 1', 'give one'),
  'bad-threshold': error('a threshold of a load test is outside its range, or nothing can be compared with it', 'as it says'),
  'bad-drill': error('a failover drill has a step, a rate or a path that makes no sense, or expects nothing', 'as it says'),
  'duplicate-drill': error('two drills have one name', 'rename one'),
  'duplicate-load-test': error('two load tests have one name', 'rename one'),
};

/** The table as docs/MESSAGES.md has it. */
export function messagesDocument(): string {
  const rows = Object.entries(MESSAGES)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { severity, category, when, remedy }]) => {
      const kind = category === undefined ? severity : `${severity}, ${category}`;
      return `| \`${id}\` | ${kind} | ${when} | ${remedy} |`;
    });
  return `# Findings

Made from \`lib/messages.ts\` by \`npm run docs\`.

An error stops the synthesis. Values that are none (\`Size.mebibytes(-1)\`) are no findings: they throw where they are made, with a sentence
of the same form. A warning or a note (info) is told by the rule of its id, is printed, and is acknowledged by that id:
\`Annotations.of(construct).acknowledge(id, reason)\`. An app has the rules that warn, \`Rules.recommended()\`; \`Rules.all()\` also those
that note. They can be switched off by id and by category: \`Rules.recommended().without('lifecycle', 'two-member-cluster')\`.
No rule tells \`orphan-stack\`, which is of the output folder; it is acknowledged on the app.

| id | | when | remedy |
|---|---|---|---|
${rows.join('\n')}
`;
}
