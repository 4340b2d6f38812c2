import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Guest } from '../guest.js';
import { removeTemporaries } from '../support.js';

removeTemporaries();

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('put', () => {
  it('writes a file with its mode when it differs, and says so', () => {
    const guest = new Guest(['provision']);
    const file = join(guest.folder, 'a file');
    const put = (content: string) => guest.told(`printf '%s' '${content}' | put 640 '${file}' && echo written || echo same`).trim();
    expect([put('one'), put('one'), put('two'), put('')]).toEqual(['written', 'same', 'written', 'written']);
    expect(readFileSync(file, 'utf8')).toBe('');
    expect(mode(file)).toBe('640');
    expect(readdirSync(guest.folder).filter((name) => name.startsWith('a file'))).toEqual(['a file']);
  });

  it('does not touch a file that is as it should be', () => {
    const guest = new Guest(['provision']);
    const file = join(guest.folder, 'x');
    const identity = () => `${statSync(file, { bigint: true }).ino} ${statSync(file, { bigint: true }).mtimeNs}`;
    guest.told(`put 644 ${file} <<<same`);
    const before = identity();
    guest.told(`put 644 ${file} <<<same || true`);
    expect(identity()).toBe(before);
  });
});

describe('wait_for', () => {
  it('goes on as soon as the command succeeds', () => {
    const guest = new Guest(['provision']);
    const words = guest.told('ready() { [[ -e ready ]] || { touch ready; false; }; }\nwait_for 10 "the thing" ready && echo "$SECONDS s"');
    expect(words).toMatch(/^[12] s\n$/);
  });

  it('gives up at its deadline and says what it waited for', () => {
    const { code, out, err } = new Guest(['provision']).run('wait_for 1 "the third member" false || die "nobody came; run: vagrant up"');
    expect([code, out]).toEqual([1, '']);
    expect(err).toBe('      gave up after 1 s: the third member\ntest: nobody came; run: vagrant up\n');
  });

  it('tells from time to time that it waits', () => {
    // The clock of bash runs ahead here, a minute with each look.
    const words = new Guest(['provision']).told(
      'late() { SECONDS=$((SECONDS + 60)); ((SECONDS > 150)); }\nsleep() { :; }\nwait_for 600 "a friend" late',
    );
    expect(words.match(/waiting for a friend \(\d+ s of 600 s\)/g)?.length).toBeGreaterThanOrEqual(2);
  });
});

describe('finish', () => {
  it.each([
    ['', 'test: nothing to change (0 s)\n'],
    ['did one; ', '      one\ntest: 1 change (0 s)\n'],
    ['did one; did two; ', '      one\n      two\ntest: 2 changes (0 s)\n'],
  ])('counts the changes of "%s"', (changes, words) => {
    expect(new Guest(['provision']).told(`${changes}finish`)).toBe(words);
  });
});

describe('packages', () => {
  const fakes = {
    'dpkg-query': 'for name; do :; done\n[[ -e $state/$name ]] && printf installed',
    dpkg: '',
    'apt-get':
      '[[ ! -e $state/broken ]] || { echo "no route to mirror"; exit 100; }\nfor word; do [[ $word == [a-z]* ]] && touch "$state/$word"; done; true',
  };

  it('installs what is missing, and only that', () => {
    const guest = new Guest(['provision'], fakes);
    expect(guest.told('touch state/jq; packages jq curl nftables')).toBe('      installed curl nftables\n');
    const install = guest.calls().filter((call) => call.includes(' install '));
    expect(install).toHaveLength(1);
    expect(install[0]).toMatch(/^apt-get .*install --no-install-recommends curl nftables$/);
  });

  it('does nothing when all is there: no update, no upgrade', () => {
    const guest = new Guest(['provision'], fakes);
    expect(guest.told('packages jq curl'), 'the first time').not.toBe('');
    guest.calls();
    expect(guest.told('packages jq curl\nfinish')).toBe('test: nothing to change (0 s)\n');
    expect(guest.calls().filter((call) => call.startsWith('apt-get'))).toEqual([]);
  });

  it('never upgrades the world', () => {
    const guest = new Guest(['provision'], fakes);
    guest.told('packages jq');
    expect(guest.calls().filter((call) => /upgrade/.test(call))).toEqual([]);
  });

  it('tries again while the machine is busy with updates of its own', () => {
    const guest = new Guest(['provision'], fakes);
    expect(guest.told('touch state/broken; sleep() { rm -f state/broken; }; packages jq')).toBe('      installed jq\n');
  });

  it('says why it failed, and where the log is', () => {
    const guest = new Guest(['provision'], fakes);
    // The clock of bash runs ahead here, a minute with each sleep.
    const { code, err } = guest.run('touch state/broken; sleep() { SECONDS=$((SECONDS + 60)); }; packages jq');
    expect(code).toBe(1);
    expect(err).toBe(
      `      gave up after 600 s: the packages jq\nno route to mirror\ntest: installing jq failed; the whole log is ${guest.home}/packages.log\n`,
    );
    expect(existsSync(join(guest.home, 'packages.log'))).toBe(true);
  });
});

describe('kernel_limits', () => {
  const fakes = { modprobe: '', sysctl: '[[ ! -e $state/broken ]] || { echo "sysctl: permission denied" >&2; exit 1; }' };
  const CALL = 'begin test 1\nkernel_limits\nfinish';
  const RAISED = "      raised the kernel's connection limits\ntest: 1 change (0 s)\n";

  it('are raised now and at each boot, once', () => {
    const guest = new Guest(['provision'], fakes);
    expect(guest.told(CALL)).toBe(RAISED);
    expect(guest.calls()).toEqual(['modprobe nf_conntrack', `sysctl --quiet --load ${guest.folder}/run/cdk-vagrant/limits.conf`]);
    const read = (path: string) => readFileSync(join(guest.folder, path), 'utf8');
    expect(read('etc/modules-load.d/cdk-vagrant.conf')).toBe('nf_conntrack\n');
    expect(read('etc/sysctl.d/90-cdk-vagrant.conf')).toMatch(/^net\.netfilter\.nf_conntrack_max = 131072$/m);
    expect(guest.told(CALL)).toBe('test: nothing to change (0 s)\n');
    expect(guest.calls()).toEqual(['modprobe nf_conntrack']);
  });

  it('are raised again when others stand on the disk', () => {
    const guest = new Guest(['provision'], fakes);
    guest.told(CALL);
    expect(guest.told(`echo old >etc/sysctl.d/90-cdk-vagrant.conf\n${CALL}`)).toBe(RAISED);
  });

  it('are raised by the next run when one was cut off', () => {
    const guest = new Guest(['provision'], fakes);
    expect(guest.run(`touch state/broken\n${CALL}`)).toEqual({ code: 1, out: '', err: 'sysctl: permission denied\n' });
    expect(guest.told(`rm state/broken\n${CALL}`)).toBe(RAISED);
  });
});

describe('firewall', () => {
  const fakes = {
    nft: `case $1 in
  list) [[ -e $state/table ]] ;;
  -f) [[ ! -e $state/broken ]] || { echo "Error: no such chain" >&2; exit 1; }; cp "$2" "$state/table" ;;
esac`,
    systemctl: `case "$1 $2" in
  'is-enabled '*) [[ -e $state/enabled ]] ;;
  '--quiet enable') touch "$state/enabled" ;;
esac`,
  };
  const CALL = 'firewall rules.nft\nfinish';
  const LOADED = '      loaded the firewall\ntest: 1 change (0 s)\n';
  const made = () => {
    const guest = new Guest(['provision'], fakes);
    expect(guest.told(`echo one >rules.nft\n${CALL}`)).toBe(LOADED);
    return { guest, loaded: () => readFileSync(join(guest.folder, 'state/table'), 'utf8') };
  };

  it('is loaded now and at each boot, once', () => {
    const { guest, loaded } = made();
    expect(loaded()).toBe('one\n');
    expect(guest.calls().filter((call) => !/^nft list|is-enabled/.test(call))).toEqual([
      'systemctl daemon-reload',
      'systemctl --quiet enable cdk-vagrant-firewall.service',
      'nft -f rules.nft',
    ]);
    const unit = readFileSync(join(guest.folder, 'etc/systemd/system/cdk-vagrant-firewall.service'), 'utf8');
    expect(unit).toContain(`\nExecStart=/usr/sbin/nft -f ${guest.home}/firewall.nft\n`);
    expect(readFileSync(join(guest.home, 'firewall.nft'), 'utf8')).toBe('one\n');
    expect(guest.told(CALL)).toBe('test: nothing to change (0 s)\n');
    expect(guest.calls().filter((call) => !/^nft list|is-enabled/.test(call))).toEqual([]);
  });

  it.each([
    ['its rules change', 'echo two >rules.nft', 'two\n'],
    ['somebody flushed it', 'rm state/table', 'one\n'],
  ])('is loaded again when %s', (_, change, rules) => {
    const { guest, loaded } = made();
    expect(guest.told(`${change}\n${CALL}`)).toBe(LOADED);
    expect(loaded()).toBe(rules);
  });

  it('is loaded by the next run when one was cut off', () => {
    const { guest, loaded } = made();
    expect(guest.run(`echo two >rules.nft; touch state/broken\n${CALL}`)).toEqual({ code: 1, out: '', err: 'Error: no such chain\n' });
    expect(guest.told(`rm state/broken\n${CALL}`)).toBe(LOADED);
    expect(loaded()).toBe('two\n');
  });
});
