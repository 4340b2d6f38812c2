import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Guest } from '../guest.js';
import { aCluster, contents, fill, removeTemporaries, stackOf } from '../support.js';

removeTemporaries();

/** The other members' API: who is up, who is a member, whom it trusts. */
const curl = `while (($#)); do
  case $1 in
    --request) method=$2 ;;
    --data) data=$2 ;;
    --connect-to) address=\${2#cluster:8443:} ;;
    https:*) path=\${1#https://cluster:8443} ;;
  esac
  shift
done
grep -qx "\${address%:*}" "$state/up" || exit 7
case "$method $path" in
  'GET /1.0') echo '{"metadata": {"auth": "trusted", "environment": {"server_clustered": true}}}' ;;
  'GET /1.0/cluster/members?recursion=1') jq -nR '{metadata: [inputs | {server_name: .}]}' "$state/members" ;;
  'GET /1.0/certificates?recursion=1') jq -nR '{metadata: [inputs / " " | {name: .[0], type: .[1], fingerprint: .[2]}]}' "$state/certificates" ;;
  'DELETE /1.0/cluster/members/'*)
    [[ ! -e $state/refuses ]] || exit 22
    name=\${path#/1.0/cluster/members/}
    # LXD takes the member's certificate away with it; who asks for that again is told 404.
    [[ -e $state/leaves ]] || sed -i "/^\${name%%[?]*} server /d" "$state/certificates" ;;
  'DELETE /1.0/certificates/'*) grep -q " \${path##*/}$" "$state/certificates" || exit 22 ;;
  'POST /1.0/cluster/members')
    if [[ -s $state/denials ]]; then sed -i 1d "$state/denials"; exit 22; fi
    jq '{metadata: {metadata: {serverName: .server_name, fingerprint: "f", addresses: ["a"], secret: "hush", expiresAt: "e"}}}' <<<"$data" ;;
esac`;

/** LXD of this machine. As many joins fail as state/failures has lines; what the last one was given is in state/preseed. */
const lxd = `case $1 in
  init)
    cat >"$state/preseed"
    if [[ -s $state/failures ]]; then sed -i 1d "$state/failures"; exit 1; fi ;;
esac`;

const fakes = { curl, lxd, systemctl: '', ip: '', sleep: '' };
/** The words cc, ck, jc and jk. */
const KEYS = { CLUSTER_CERTIFICATE: 'Y2M=', CLUSTER_KEY: 'Y2s=', JOIN_CERTIFICATE: 'amM=', JOIN_KEY: 'ams=' };
const JOIN = 'join_cluster m2 join.yaml 192.168.56.11 192.168.56.13\nfinish';
const JOINED = '      joined the cluster as m2, let in by 192.168.56.11\n';
const RESET = '      reset LXD after a join that was cut off\n';

/** A machine that wants to join m1 and m3. */
const made = (state: Readonly<Record<string, string>> = {}, more: Readonly<Record<string, string>> = {}) => {
  const guest = new Guest(['provision', 'engine'], { ...fakes, ...more });
  const whole = { up: '192.168.56.11\n192.168.56.13\n', members: 'm1\nm3\n', certificates: 'm1 server c1\nm3 server c3\n', ...state };
  fill(join(guest.folder, 'state'), whole);
  fill(guest.folder, { 'join.yaml': 'cluster:\n  enabled: true\n', 'var/lib/lxd/database/x': '', 'var/lib/lxd/server.key': '' });
  const here = 'engine_dir=$PWD/var/lib/lxd engine_units=(lxd.socket lxd.service)\n';
  const run = (script: string, env = {}) => guest.run(here + script, env);
  return { guest, run, told: (script: string) => guest.told(here + script) };
};

/** What the API was asked, and what LXD and its service were told. */
const asked = (guest: Guest): string[] =>
  guest.calls().map((call) => call.replace(/^curl .*--request (\S+) .*:8443:([\d.]+):8443 https:\/\/cluster:8443/, '$1 $2 '));

describe('join_cluster', () => {
  it('joins by a token of its own name, which nobody else sees', () => {
    const { guest, told } = made();
    expect(told(JOIN)).toBe(`${JOINED}test: 1 change (0 s)\n`);
    const preseed = readFileSync(join(guest.folder, 'state/preseed'), 'utf8');
    const [, token = ''] = /^cluster:\n {2}enabled: true\n {2}cluster_token: "(\S+)"\n$/.exec(preseed) ?? [];
    const meant = { server_name: 'm2', fingerprint: 'f', addresses: ['a'], secret: 'hush', expires_at: 'e' };
    expect(JSON.parse(Buffer.from(token, 'base64').toString())).toEqual(meant);
    const calls = guest.calls().join('\n');
    expect(calls).toContain('--data {"server_name":"m2"}');
    expect(calls).not.toMatch(/hush|cluster_token/);
    const holders = Object.entries(contents(guest.folder)).filter(([, text]) => text.includes(token));
    expect(holders.map(([path]) => path)).toEqual(['state/preseed']);
    expect(existsSync(join(guest.home, 'joining'))).toBe(false);
  });

  it('asks another member when the founder is away', () => {
    const { told } = made({ up: '192.168.56.13\n' });
    expect(told(JOIN)).toContain('let in by 192.168.56.13\n');
  });

  it('dies when nobody answers any more, and says who', () => {
    const { run } = made({ up: '' });
    expect(run(JOIN)).toEqual({
      code: 1,
      out: '',
      err: 'test: no member of the cluster answers any more at 192.168.56.11 192.168.56.13; run: vagrant provision m2\n',
    });
  });

  it('tells a server that it goes on by itself', () => {
    const { run } = made({ up: '' });
    const { err } = run(JOIN, { RUN_AGAIN: 'yes' });
    expect(err).toBe('test: no member of the cluster answers any more at 192.168.56.11 192.168.56.13; it is tried again soon\n');
  });

  it('removes a former member of its name before it asks for a token', () => {
    const { guest, told } = made({ members: 'm1\nm2\n' });
    expect(told(JOIN)).toBe(`      removed the former m2 from the cluster\n${JOINED}test: 2 changes (0 s)\n`);
    expect(asked(guest).filter((call) => !call.startsWith('GET'))).toEqual([
      'DELETE 192.168.56.11 /1.0/cluster/members/m2?force=1',
      'POST 192.168.56.11 /1.0/cluster/members',
      'lxd init --preseed',
    ]);
  });

  it('resets LXD before it tries once more', () => {
    const { guest, told } = made({ failures: '1\n' });
    fill(guest.folder, { 'var/lib/lxd/networks/lxdbr0/dnsmasq.leases': '', 'var/lib/lxd/networks/mine/x': '' });
    expect(told(JOIN)).toBe(`      try 1 to join failed\n${RESET}${JOINED}test: 2 changes (0 s)\n`);
    expect(asked(guest).filter((call) => /^(POST|lxd|systemctl|ip)/.test(call))).toEqual([
      'POST 192.168.56.11 /1.0/cluster/members',
      'lxd init --preseed',
      'systemctl stop lxd.socket lxd.service',
      'ip link delete lxdbr0',
      'ip link delete mine',
      'systemctl start lxd.socket lxd.service',
      'lxd waitready --timeout=120',
      'POST 192.168.56.11 /1.0/cluster/members',
      'lxd init --preseed',
    ]);
    for (const gone of ['database', 'server.key']) expect(existsSync(join(guest.folder, 'var/lib/lxd', gone))).toBe(false);
  });

  it('gives up after three tries and says where to look', () => {
    const { guest, run } = made({ failures: '1\n2\n3\n' });
    const { code, err } = run(JOIN);
    expect([code, err]).toEqual([
      1,
      'test: could not join the cluster at 192.168.56.11 in 3 tries; the log says why: journalctl -u lxd; run: vagrant provision m2\n',
    ]);
    expect(existsSync(join(guest.home, 'joining')), 'for the next run').toBe(true);
  });

  it('asks once more when it was given no token', () => {
    const { guest, told } = made({ denials: '1\n2\n' });
    const denied = (n: number) => `      try ${n} to join failed: 192.168.56.11 gave no token\n`;
    expect(told(JOIN)).toBe(`${denied(1)}${denied(2)}${JOINED}test: 1 change (0 s)\n`);
    expect(guest.calls().filter((call) => call.startsWith('lxd'))).toEqual(['lxd init --preseed']);
  });

  it('resets an LXD whose join was cut off in an earlier run', () => {
    const { told } = made();
    expect(told(`touch "$home/joining"\n${JOIN}`)).toBe(`${RESET}${JOINED}test: 2 changes (0 s)\n`);
  });

  it('ends what the kernel holds of its storage pools, and nothing else', () => {
    const { guest, told } = made(
      { vgs: '/dev/sdb own\n/dev/loop1 local\n', pools: 'tank /dev/sdd\nlocal DISKS/local.img\n' },
      {
        findmnt: 'printf "%s\\n" / /data "$PWD/var/lib/lxd/storage-pools/local" "$PWD/var/lib/lxd/storage-pools/local/inner"',
        // The kernel let go of it when its volume group went.
        losetup: `if [[ $1 == --detach ]]; then echo 'losetup: /dev/loop1: detach failed' >&2; exit 1; fi
printf "%s\\n" "/dev/loop0 /srv/other.img" "/dev/loop1 $PWD/var/lib/lxd/disks/local.img"`,
        pvs: `grep "^\${!#} " "$state/vgs" | sed "s/.* /  /"`,
        zpool: `case $1 in
  list) if [[ $3 == -o ]]; then cut -d" " -f1 "$state/pools"; else grep "^\${!#} " "$state/pools" | tr " " "\\n" | sed "s|DISKS|$PWD/var/lib/lxd/disks|"; fi ;;
esac`,
        umount: '',
        vgremove: '',
        wipefs: '',
      },
    );
    told(`disk=/dev/sdb\ntouch "$home/joining"\n${JOIN}`);
    const done = guest.calls().filter((call) => /^(umount|losetup --d|vgremove|zpool destroy|wipefs)/.test(call));
    expect(done.map((call) => call.replace(guest.folder, ''))).toEqual([
      'umount /var/lib/lxd/storage-pools/local/inner',
      'umount /var/lib/lxd/storage-pools/local',
      'vgremove --force --force --yes own',
      'vgremove --force --force --yes local',
      'losetup --detach /dev/loop1',
      'zpool destroy -f local',
      'wipefs --all --quiet /dev/sdb',
    ]);
  });
});

describe('found_cluster', () => {
  const FOUND = 'found_cluster m1 join.yaml\nfinish';
  const FOUNDED = '      founded the cluster as m1\n';
  const RESET = '      reset LXD after a founding that was cut off\n';

  it('resets an LXD whose founding was cut off, or failed: what it made of a disk cannot be told anew', () => {
    const { guest, run, told } = made({ failures: '1\n' });
    expect(run(FOUND).code).toBe(1);
    guest.calls();
    expect(told(FOUND)).toBe(`${RESET}${FOUNDED}test: 2 changes (0 s)\n`);
    expect(asked(guest)).toEqual([
      'systemctl stop lxd.socket lxd.service',
      'systemctl start lxd.socket lxd.service',
      'lxd waitready --timeout=120',
      'lxd init --preseed',
    ]);
    expect(existsSync(join(guest.folder, 'var/lib/lxd/database'))).toBe(false);
    expect(existsSync(join(guest.home, 'founding'))).toBe(false);
  });

  it('takes away no instance that somebody else put there', () => {
    const { guest, run } = made();
    fill(guest.folder, { 'var/lib/lxd/containers/theirs': '' });
    const { code, err } = run('touch "$home/founding"\nfound_cluster m1 join.yaml');
    expect([code, err]).toEqual([
      1,
      'test: a founding of this machine was cut off, and LXD has instances that are none of ours; take them away, and run: vagrant provision\n',
    ]);
    expect(existsSync(join(guest.folder, 'var/lib/lxd/database/x'))).toBe(true);
  });

  it('leaves alone what it has not begun with', () => {
    const { guest, told } = made();
    expect(told(FOUND)).toBe(`${FOUNDED}test: 1 change (0 s)\n`);
    expect(asked(guest)).toEqual(['lxd init --preseed']);
  });
});

describe('forget_former', () => {
  const FORGET = 'forget_former m2 192.168.56.11\nfinish';

  it('leaves the others and what they are trusted by', () => {
    const { guest, told } = made({ certificates: 'm1 server c1\nm22 server c22\nm2 client cc\n' });
    expect(told(FORGET)).toBe('test: nothing to change (0 s)\n');
    expect(asked(guest).filter((call) => !call.startsWith('GET'))).toEqual([]);
  });

  it('removes each certificate that it left behind', () => {
    const { guest, told } = made({ certificates: 'm1 server c1\nm2 server c2\nm2 server c2b\n' });
    told(FORGET);
    expect(asked(guest).filter((call) => !call.startsWith('GET'))).toEqual([
      'DELETE 192.168.56.11 /1.0/certificates/c2',
      'DELETE 192.168.56.11 /1.0/certificates/c2b',
    ]);
  });

  it('asks no more for a certificate that went with the member', () => {
    const { guest, told } = made({ members: 'm1\nm2\n', certificates: 'm1 server c1\nm2 server c2\n' });
    expect(told(FORGET)).toBe('      removed the former m2 from the cluster\ntest: 1 change (0 s)\n');
    expect(asked(guest).filter((call) => call.startsWith('DELETE'))).toEqual(['DELETE 192.168.56.11 /1.0/cluster/members/m2?force=1']);
  });

  it('dies when the cluster does not let go of it, with the command to try again', () => {
    const { run } = made({ members: 'm2\n', refuses: '' });
    const { code, err } = run(FORGET);
    expect([code, err]).toEqual([1, 'test: the former m2 cannot be removed from the cluster; run: vagrant provision m2\n']);
  });
});

describe('unpack_keys', () => {
  const UNPACK = 'umask 000; begin test 1; unpack_keys; cp -a "$keys" seen';

  it('unpacks what came, for root alone, and tells no program', () => {
    const { guest, told } = made();
    expect(told(`${UNPACK}; env`).split('\n')).not.toContain('JOIN_KEY=ams=');
    expect(guest.told(`rm -rf seen; ${UNPACK}; env`, KEYS)).not.toMatch(/^(CLUSTER|JOIN)_/m);
    const path = (name: string) => join(guest.folder, 'seen', name);
    const mode = (name: string) => (statSync(path(name)).mode & 0o777).toString(8);
    expect(Object.keys(KEYS).map((name) => readFileSync(path(name), 'utf8'))).toEqual(['cc', 'ck', 'jc', 'jk']);
    expect(['', ...Object.keys(KEYS)].map(mode)).toEqual(['700', '600', '600', '600', '600']);
  });

  it.each([
    ['ends', ''],
    ['dies', 'die "for some reason"'],
    ['fails', 'false'],
  ])('leaves nothing behind when the script %s', (_, end) => {
    const { guest } = made();
    const { out } = guest.run(`${UNPACK}; ls "$keys"; ${end}`, KEYS);
    expect(out.trim().split('\n')).toEqual(Object.keys(KEYS));
    expect(existsSync(join(guest.folder, 'run/cdk-vagrant'))).toBe(true);
    expect(existsSync(join(guest.folder, 'run/cdk-vagrant/keys'))).toBe(false);
  });
});

describe('a machine becomes a member', () => {
  const more = {
    'dpkg-query': 'printf installed',
    modprobe: '',
    sysctl: '',
    openssl: 'echo the same fingerprint',
    lxc: `case "$*" in
  *' /1.0/cluster') cat "$state/cluster" ;;
  *' /1.0/certificates?recursion=1') echo '[]' ;;
esac`,
  };
  let files: Readonly<Record<string, string>> = {};
  beforeAll(() => {
    files = stackOf(aCluster).files;
  });

  /** Runs a machine's script from below its libraries. The clock of bash runs ahead, ten minutes with each sleep. */
  const become = (name: string, state: Readonly<Record<string, string>>, provisioned = '') => {
    const { guest, run } = made({ cluster: '{"enabled": false}', ...state }, more);
    for (const kind of ['found', 'join']) {
      fill(guest.home, { [`bundle/preseeds/${name}-${kind}.yaml`]: files[`s/preseeds/${name}-${kind}.yaml`] ?? '' });
    }
    const script = files[`s/cluster-${name}.sh`] ?? '';
    const clock = 'bundle=$home/bundle; sleep() { SECONDS=$((SECONDS + 600)); }';
    const result = run(`${clock}\n${script.slice(script.indexOf('others=('))}`, {
      ...KEYS,
      PROVISIONED: Buffer.from(provisioned).toString('base64'),
    });
    const did = result.out.split('\n').filter((line) => /^ {6}(?!waiting)/.test(line));
    return { guest, ...result, did, member: existsSync(join(guest.home, 'member')) };
  };
  const LIMITS = "      raised the kernel's connection limits";
  const TRUSTED = '      trusted the join key';

  it.each([
    ['founds the cluster when it is the first', '', '', '      founded the cluster as m1'],
    ['founds it although it was provisioned itself', '', 'm1', '      founded the cluster as m1'],
    [
      'joins what it once founded, whatever the host remembers',
      '192.168.56.13\n',
      '',
      '      joined the cluster as m1, let in by 192.168.56.13',
    ],
  ])('the founder %s', (_, up, provisioned, what) => {
    const { guest, code, did, member } = become('m1', { up, members: 'm2\nm3\n' }, provisioned);
    expect([code, did, member]).toEqual([0, [LIMITS, what, TRUSTED], true]);
    // What openssl gave, in base64.
    const data = '{"type":"client","name":"cdk-vagrant-join","certificate":"dGhlIHNhbWUgZmluZ2VycHJpbnQK"}';
    expect(guest.calls()).toContain(`lxc query --request POST --data ${data} /1.0/certificates`);
  });

  it('the founder founds no second cluster while those who have the first are away', () => {
    const { guest, code, err, member } = become('m1', { up: '' }, 'm1 m3');
    expect([code, err, member]).toEqual([
      1,
      '      gave up after 300 s: m3, who have the cluster\n' +
        'm1, cluster: the cluster lives on m3, and none of them answers; run: vagrant up m3 && vagrant up m1 (or, to begin anew: vagrant destroy -f)\n',
      false,
    ]);
    expect(guest.calls()).not.toContain('lxd init --preseed');
  });

  it('another one joins, and leaves trusting to the founder', () => {
    const { code, did, member } = become('m2', {});
    expect([code, did, member]).toEqual([0, [LIMITS, '      joined the cluster as m2, let in by 192.168.56.11'], true]);
  });

  it('another one waits for the founder half an hour, then says who is missing and what to run', () => {
    const { out, code, err, member } = become('m2', { up: '' });
    expect(out).toContain('waiting for m1 (192.168.56.11), which founds the cluster (');
    expect([code, err, member]).toEqual([
      1,
      '      gave up after 1800 s: m1 (192.168.56.11), which founds the cluster\n' +
        'm2, cluster: m1 (192.168.56.11), which founds the cluster, does not answer, nor does another member; run: vagrant up m1 && vagrant provision m2\n',
      false,
    ]);
  });

  it.each(['m1', 'm2'])('%s is one already when only the note of it is missing', (name) => {
    const { guest, code, member } = become(name, { cluster: '{"enabled": true}', '../home/founding': '', '../home/joining': '' });
    expect([code, member]).toEqual([0, true]);
    for (const mark of ['founding', 'joining']) expect(existsSync(join(guest.home, mark))).toBe(false);
    expect(guest.calls()).not.toContain('lxd init --preseed');
  });
});
