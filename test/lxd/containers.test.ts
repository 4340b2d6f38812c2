import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Guest } from '../guest.js';
import { fill, removeTemporaries } from '../support.js';

removeTemporaries();

interface Instance {
  readonly name: string;
  readonly location: string;
  readonly status: string;
  readonly config: Readonly<Record<string, string>>;
  readonly devices: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** LXD as far as it matters here: a list of instances, changed as LXD would. It keeps no empty setting. */
const lxc = `last=\${*: -1}
change() { jq "\${@:1:$#-1}" "\${*: -1} | map(.config |= del(.[] | select(. == \\"\\")))" "$state/instances" >"$state/next" && mv "$state/next" "$state/instances"; }
each() { change --arg name "$1" "map(if .name == \\$name then $2 else . end)"; }
case "$1 $2" in
  'query /1.0/instances?recursion=1') cat "$state/instances" ;;
  'query /1.0/instances?recursion=1&project=cdk-vagrant-templates') cat "$state/templates" ;;
  'query --request') each "\${last##*/}" ".config += ($5).config | .devices += ($5).devices" ;;
  init\\ *)
    if [[ -s $state/failures ]]; then
      sed -n 1p "$state/failures" >&2
      sed -i 1d "$state/failures"
      exit 1
    fi
    change --argjson new "$(cat)" --arg name "$3" --arg on "$5" '. + [$new + {name: $name, location: $on, status: "Stopped"}]' ;;
  copy\\ *) change --arg name "$3" '. + [{name: $name, location: "m1", status: "Stopped", config: {"user.cdk-vagrant.ready": "yes"}, devices: {}}]' ;;
  move\\ *) each "$2" ".location = \\"$4\\"" ;;
  start\\ *) each "$2" '.status = "Running"' ;;
  stop\\ *) [[ $3 == --force || ! -e $state/hangs ]] && each "$2" '.status = "Stopped"' ;;
  delete\\ *) change --arg name "$2" 'map(select(.name != $name))' ;;
  'config set') each "$3" ".config[\\"\${4%%=*}\\"] = \\"\${4#*=}\\"" ;;
  'config unset') each "$3" "del(.config[\\"$4\\"])" ;;
  'config device') each "$4" "del(.devices[\\"$5\\"])" ;;
esac`;

const OURS = { 'boot.autostart': 'true', 'user.cdk-vagrant.path': 's/web1', 'user.cdk-vagrant.stack': 's' };
const DEVICES = { eth0: { type: 'nic', 'ipv4.address': '10.77.1.1' }, 'port-80': { type: 'proxy' } };
const ROOT_DISK = { root: { type: 'disk', path: '/' } };

/** web1 as it should be, but for what is said. */
const web1 = (special: Partial<Instance> = {}): Instance => ({
  name: 'web1',
  location: 'm1',
  status: 'Running',
  config: { ...OURS, 'volatile.uuid': '1' },
  devices: { ...DEVICES, ...ROOT_DISK },
  ...special,
});

/** What runs on machine m1 of stack s, where `had` was before. */
const made = (...had: readonly Instance[]) => {
  const guest = new Guest(['provision', 'containers'], { lxc, sleep: '' });
  fill(guest.folder, {
    'state/instances': JSON.stringify(had),
    'containers/m1.json': JSON.stringify({ web1: { config: { ...OURS, 'limits.memory': '' }, devices: DEVICES } }),
  });
  const told = (command: string) => guest.told(`read_cluster s m1\n${command}\nfinish`);
  const has = (): Instance[] => JSON.parse(readFileSync(join(guest.folder, 'state/instances'), 'utf8'));
  const changes = () => guest.calls().filter((call) => !/^lxc query \/1\.0/.test(call));
  return { guest, told, has, changes };
};

const NOTHING = 'test: nothing to change (0 s)\n';

describe('container', () => {
  const CALL = 'container web1 ubuntu:24.04';
  const COPY = 'container web1 template:apache-1';

  it('is made and started, once', () => {
    const { told, has, changes } = made();
    expect(told(CALL)).toBe('      made container web1\n      started web1\ntest: 2 changes (0 s)\n');
    expect(changes()).toEqual(['lxc init ubuntu:24.04 web1 --target m1', 'lxc start web1']);
    expect(has()).toEqual([{ name: 'web1', location: 'm1', status: 'Running', config: OURS, devices: DEVICES }]);
    expect(told(CALL)).toBe(NOTHING);
    expect(changes()).toEqual([]);
  });

  const AWAY = 'Error: Failed locating image "3b": Image not available on any online member\n';

  it('waits while its image is on a member that looks offline', () => {
    const { guest, told } = made();
    fill(guest.folder, { 'state/failures': AWAY + AWAY });
    const waiting = '      waiting for a member that has image ubuntu:24.04\n';
    expect(told(CALL)).toBe(`${waiting}${waiting}      made container web1\n      started web1\ntest: 2 changes (0 s)\n`);
  });

  it.each([
    ['fails at once for any other reason', 'Error: no such image\n', ''],
    ['waits no longer than 5 minutes', AWAY.repeat(20), 'sleep() { SECONDS=$((SECONDS + 100)); }'],
  ])('%s', (_, failures, clock) => {
    const { guest, has } = made();
    fill(guest.folder, { 'state/failures': failures });
    const { code, err } = guest.run(`${clock}\nread_cluster s m1\n${CALL}\nfinish`);
    expect([code, err, has()]).toEqual([1, `test: web1 cannot be made: ${failures.split('\n')[0]}\n`, []]);
  });

  it("is linked to the machine's private interface by macvlan, whatever that is called", () => {
    const { guest, told, has, changes } = made();
    const eth1 = { type: 'nic', nictype: 'macvlan', parent: '' };
    fill(guest.folder, {
      'containers/m1.json': JSON.stringify({ web1: { config: OURS, devices: { eth1, other: { ...eth1, parent: 'own' } } } }),
    });
    told(`private_interface=enp0s8\n${CALL}`);
    expect(has()[0]?.devices).toEqual({ eth1: { ...eth1, parent: 'enp0s8' }, other: { ...eth1, parent: 'own' } });
    changes();
    expect(told(`private_interface=enp0s8\n${CALL}`)).toBe(NOTHING);
  });

  it('is a copy of what was prepared, with the settings of its own', () => {
    const { told, has, changes } = made();
    expect(told(COPY)).toBe('      made container web1\n      changed the settings of web1\n      started web1\ntest: 3 changes (0 s)\n');
    expect(changes()).toEqual([
      'lxc copy apache-1 web1 --project cdk-vagrant-templates --target-project default --target m1 --instance-only',
      expect.stringMatching(/^lxc query --request PATCH .*\/1\.0\/instances\/web1$/),
      'lxc start web1',
    ]);
    expect(has()).toMatchObject([{ status: 'Running', config: OURS, devices: DEVICES }]);
    expect(told(COPY)).toBe(NOTHING);
  });

  it('is copied again when its copy was cut off before it had its settings', () => {
    const { told, changes } = made(web1({ status: 'Stopped', config: { 'user.cdk-vagrant.ready': 'yes' } }));
    expect(told(COPY)).toMatch(/^ {6}made container web1\n/);
    expect(changes().slice(0, 2)).toEqual(['lxc delete web1 --force', expect.stringMatching(/^lxc copy /)]);
  });

  it.each([
    ['is stopped', 'Running', ['lxc stop web1 --timeout 60', 'lxc move web1 --target m1', 'lxc start web1']],
    ['stands still', 'Stopped', ['lxc move web1 --target m1', 'lxc start web1']],
  ])('comes from another member, where it %s', (_, status, calls) => {
    const { told, has, changes } = made(web1({ location: 'm2', status }));
    expect(told(CALL)).toBe('      moved container web1 here from m2\n      started web1\ntest: 2 changes (0 s)\n');
    expect(changes()).toEqual(calls);
    expect(has()).toEqual([web1()]);
  });

  it.each([
    ['a setting differs', { config: { ...OURS, 'boot.autostart': 'false' } }],
    ['a setting is missing', { config: { 'user.cdk-vagrant.stack': 's' } }],
    ['a limit was lifted', { config: { ...OURS, 'limits.memory': '1MiB' } }],
    ['a device differs', { devices: { ...DEVICES, ...ROOT_DISK, eth0: { ...DEVICES.eth0, 'ipv4.address': '10.77.1.2' } } }],
    ['a device is missing', { devices: { eth0: DEVICES.eth0, ...ROOT_DISK } }],
  ])('gets its settings when %s', (_, special) => {
    const { told, has, changes } = made(web1(special));
    expect(told(CALL)).toBe('      changed the settings of web1\ntest: 1 change (0 s)\n');
    expect(changes()).toHaveLength(1);
    const [{ config, devices } = web1()] = has();
    expect(config).toMatchObject(OURS);
    expect(config).not.toHaveProperty(['limits.memory']);
    expect(devices).toEqual({ ...DEVICES, ...ROOT_DISK });
    expect(told(CALL)).toBe(NOTHING);
  });

  it('loses the devices that are not in the app, but never its disk', () => {
    const { told, has } = made(web1({ devices: { ...DEVICES, ...ROOT_DISK, 'port-81': { type: 'proxy' } } }));
    expect(told(CALL)).toBe('      removed device port-81 from web1\ntest: 1 change (0 s)\n');
    expect(has()).toEqual([web1()]);
  });

  it('loses options and labels that are not in the app any more, never those that somebody set by hand', () => {
    const former = {
      'user.cdk-vagrant.raw': 'limits.processes,device tun',
      'limits.processes': '9',
      'user.label.team': 'web',
      'user.note': 'mine',
    };
    const { told, has, changes } = made(web1({ config: { ...OURS, ...former } }));
    expect(told(CALL)).toBe(
      '      removed limits.processes from web1\n      removed user.cdk-vagrant.raw from web1\n      removed user.label.team from web1\ntest: 3 changes (0 s)\n',
    );
    expect(changes()).toHaveLength(3);
    expect(has()).toEqual([web1({ config: { ...OURS, 'user.note': 'mine' } })]);
    expect(told(CALL)).toBe(NOTHING);
    expect(changes()).toEqual([]);
  });

  it('is started when it stands still', () => {
    const { told, changes } = made(web1({ status: 'Stopped' }));
    expect(told(CALL)).toBe('      started web1\ntest: 1 change (0 s)\n');
    expect(changes()).toEqual(['lxc start web1']);
  });
});

describe('retire', () => {
  /** Those named are in the app. */
  const retire = (prune: string, ...names: string[]) => `printf '%s\\n' ${names.join(' ')} >names.txt\nretire ${prune} names.txt`;
  const KEPT = '      web1 is no longer in the app. It is stopped and kept; delete it with: lxc delete web1, or set prune: true\n';

  it('stops a container that is no longer in the app, keeps it, and says so each time', () => {
    const { told, has, changes } = made(web1());
    expect(told(retire('no', 'web2'))).toBe(`      stopped web1, which is no longer in the app\n${KEPT}test: 1 change (0 s)\n`);
    expect(changes()).toEqual(['lxc config set web1 boot.autostart=false', 'lxc stop web1 --timeout 60']);
    expect(has()).toMatchObject([{ status: 'Stopped', config: { 'boot.autostart': 'false' } }]);
    expect(told(retire('no', 'web2'))).toBe(`${KEPT}${NOTHING}`);
    expect(changes()).toEqual([]);
  });

  it('keeps a container that was stopped by hand from starting with its machine', () => {
    const { told, changes } = made(web1({ status: 'Stopped' }));
    expect(told(retire('no'))).toBe(`${KEPT}${NOTHING}`);
    expect(changes()).toEqual(['lxc config set web1 boot.autostart=false']);
  });

  it('takes a container back that is in the app again', () => {
    const { told, has } = made(web1());
    told(retire('no'));
    expect(told('container web1 ubuntu:24.04')).toBe('      changed the settings of web1\n      started web1\ntest: 2 changes (0 s)\n');
    expect(has()).toEqual([web1()]);
  });

  it('deletes it when asked to', () => {
    const { told, has, changes } = made(web1());
    expect(told(retire('yes', 'web2'))).toBe(
      '      stopped web1, which is no longer in the app\n      deleted web1\ntest: 2 changes (0 s)\n',
    );
    expect(changes()).toContain('lxc stop web1 --timeout 60');
    expect(has()).toEqual([]);
  });

  it('forces a container that does not stop in time', () => {
    const { guest, told, has } = made(web1());
    fill(guest.folder, { 'state/hangs': '' });
    expect(told(retire('no'))).toContain('stopped web1');
    expect(has()).toMatchObject([{ status: 'Stopped' }]);
  });

  it.each([
    ['is in the app', web1(), 'web1'],
    ['runs on another member', web1({ location: 'm2' }), ''],
    ['is of another stack', web1({ config: { ...OURS, 'user.cdk-vagrant.stack': 'other' } }), ''],
    ['is not of this library', web1({ config: {} }), ''],
  ])('leaves alone what %s', (_, had, names) => {
    const { told, has, changes } = made(had);
    expect(told(retire('yes', 'web2', names))).toBe(NOTHING);
    expect([has(), changes()]).toEqual([[had], []]);
  });
});

describe('retire_templates', () => {
  it('deletes what was prepared here for earlier recipes', () => {
    const { guest, told, changes } = made();
    const templates = ['old m1', 'now m1', 'theirs m2'].map((words) => words.split(' ')).map(([name, location]) => ({ name, location }));
    fill(guest.folder, { 'state/templates': JSON.stringify(templates) });
    expect(told('retire_templates now')).toBe('      deleted old, which no container is made from any more\ntest: 1 change (0 s)\n');
    expect(changes()).toEqual(['lxc delete old --project cdk-vagrant-templates --force']);
  });
});
