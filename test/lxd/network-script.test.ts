import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Guest } from '../guest.js';
import { fill, removeTemporaries } from '../support.js';

removeTemporaries();

const NOTHING = 'test: nothing to change (0 s)\n';

describe('network', () => {
  /** A machine whose private interface is `lo`, which carries packets of 65536 bytes. */
  const made = (answers: Readonly<Record<string, string>> = {}) => {
    const guest = new Guest(['provision', 'containers', 'network'], {
      ip: `case $* in *" to 192.168.56.11") echo '[{},{"ifname":"lo"}]' ;; *show*) echo '[{},{}]' ;; esac`,
      systemctl: 'case $* in is-enabled*) [[ -e $state/enabled ]] ;; "--quiet enable"*) touch "$state/enabled" ;; esac',
      nft: 'false',
      lxc: '[[ "$2" == */lxdfan0 && -e $state/fan ]]',
    });
    fill(guest.folder, {
      'bundle/lib/make-network.sh': `[[ -e ${guest.folder}/made ]] || echo "made it of $*"; touch ${guest.folder}/made`,
      ...answers,
    });
    return guest;
  };
  const VXLAN = 'bundle=$PWD/bundle\nnetwork vxlan 192.168.56.11 1450 192.168.56.12\nfinish';
  const unit = (guest: Guest) => readFileSync(join(guest.folder, 'etc/systemd/system/cdk-vagrant-network.service'), 'utf8');

  it('is made now and at each boot, before a container starts; once', () => {
    const guest = made();
    expect(guest.told(VXLAN)).toBe('      made it of vxlan 192.168.56.11 1450 192.168.56.12\ntest: 1 change (0 s)\n');
    expect(unit(guest)).toContain('/bundle/lib/make-network.sh vxlan 192.168.56.11 1450 192.168.56.12\n');
    expect(unit(guest)).toMatch(/^Before=.*\blxd\.service\b/m);
    expect(guest.calls().filter((call) => /daemon-reload|enable /.test(call))).toEqual([
      'systemctl daemon-reload',
      'systemctl --quiet enable cdk-vagrant-network.service',
    ]);
    expect(guest.told(VXLAN)).toBe(NOTHING);
    expect(guest.calls().filter((call) => /daemon-reload|enable /.test(call))).toEqual([]);
  });

  it('ends with what went wrong', () => {
    const guest = made({ 'bundle/lib/make-network.sh': 'echo half; echo "RTNETLINK answers: no" >&2; exit 2' });
    const { code, err } = guest.run(VXLAN);
    expect([code, err]).toEqual([1, "RTNETLINK answers: no\ntest: the containers' network cannot be made; see above\n"]);
  });

  it('VXLAN looks whether its packets have room, before it acts', () => {
    const guest = made();
    const { code, err } = guest.run(VXLAN.replace('1450', '65500'));
    expect([code, err]).toEqual([
      1,
      'test: the private network carries packets of 65536 bytes, and those of VXLAN have 65550; give Network.vxlan({ mtu: 65486 })\n',
    ]);
    expect(guest.calls().filter((call) => call.startsWith('systemctl'))).toEqual([]);
  });

  it('macvlan finds the private interface, or says that there is none', () => {
    expect(made().told('network macvlan 192.168.56.11; echo "$private_interface"')).toBe('lo\n');
    const { code, err } = made().run('network macvlan 192.168.56.99');
    expect([code, err]).toEqual([1, 'test: no interface of this machine has the address 192.168.56.99; look with: ip address\n']);
  });

  it('a fan is there since the cluster was founded, or it says what to do', () => {
    const guest = made();
    expect(guest.run('network fan lxdfan0').err).toContain('the cluster has no network lxdfan0');
    expect(guest.told('touch state/fan; network fan lxdfan0; finish')).toBe(NOTHING);
  });

  it('goes when the tree has none any more', () => {
    const guest = made({ names: '', 'home/firewall.nft': 'table inet cdk_vagrant {\n' });
    guest.told(VXLAN);
    guest.calls();
    const retire = 'unset network_unit; instances="[]" stack=s member=m1; retire no names\nfinish';
    expect(guest.told(retire)).toBe('      removed the network that containers had\ntest: 1 change (0 s)\n');
    expect(guest.calls()).toEqual(expect.arrayContaining(['ip link delete cdkv0', 'nft delete table bridge cdk_vagrant']));
    expect(guest.told(retire)).toBe(NOTHING);
    fill(guest.home, { 'firewall.nft': 'table bridge cdk_vagrant {\n' }); // a fan's
    guest.told(VXLAN);
    guest.told(retire);
    expect(guest.calls()).not.toContain('nft delete table bridge cdk_vagrant');
    // One that was cut off is made good by the next.
    guest.told(VXLAN);
    expect(guest.run(`ip() { kill -9 $$; }\n${retire}`).code).not.toBe(0);
    expect(guest.told(retire)).toContain('removed the network that containers had');
    expect(guest.told(`${VXLAN.replace('finish', '')}instances="[]" stack=s member=m1; retire no names\nfinish`)).toBe(NOTHING);
  });
});

describe('fan_kernel', () => {
  it('refuses a kernel without it, before the cluster is founded', () => {
    const { code, err } = new Guest(['provision', 'engine'], { modprobe: '' }).run('fan_kernel');
    expect([code, err]).toEqual([1, expect.stringMatching(/^test: this kernel \(\d.*\) knows no fan, .* Network\.vxlan\(\)\n$/)]);
  });
});

describe('network_address', () => {
  /** A container in the same folder as the machine. */
  const made = (fakes: Readonly<Record<string, string>> = {}) =>
    new Guest(['provision', 'containers', 'network'], {
      lxc: `case $1 in
  exec) while [[ $1 != -- ]]; do shift; done; shift; [[ $* != *networkctl || ! -e $state/away ]] && "$@" ;;
  query) if [[ -e $state/has ]]; then printf '{"network":{"eth0":{"addresses":[]},"eth1":{"addresses":[{"address":"%s"}]}}}' "$(cat "$state/has")"; else echo '{"network":null}'; fi ;;
esac`,
      systemctl: '',
      networkctl: `[[ $1 != reconfigure ]] || sed -n 's/^Address=\\([^/]*\\).*/\\1/p' "\${state%/state}/etc/systemd/network/10-cdk-vagrant-eth1.network" >"$state/has"`,
      ...fakes,
    });
  const CALL = 'network_address web1 10.78.1.11 10.78.0.0/16 10.77.1.11 192.168.56.11\nfinish';

  it('is given once, and taken without a restart', () => {
    const guest = made();
    expect(guest.told(CALL)).toBe('      gave web1 the address 10.78.1.11\ntest: 1 change (0 s)\n');
    const file = readFileSync(join(guest.folder, 'etc/systemd/network/10-cdk-vagrant-eth1.network'), 'utf8');
    for (const part of [
      '[Match]\nName=eth1\n',
      'Address=10.78.1.11/16\n',
      'Destination=10.78.0.0/16\n',
      'From=10.77.1.11\n',
      'To=10.78.0.0/16\n',
    ])
      expect(file).toContain(part);
    expect(guest.told(CALL)).toBe(NOTHING);
  });

  it('is changed, and given again when it was lost', () => {
    const guest = made();
    guest.told(CALL);
    const other = CALL.replace('10.78.1.11', '10.78.1.12');
    expect(guest.told(other)).toBe('      gave web1 the address 10.78.1.12\ntest: 1 change (0 s)\n');
    expect(guest.told(`rm state/has\n${other}`)).toBe('      gave web1 the address 10.78.1.12\ntest: 1 change (0 s)\n');
  });

  it('waits for a container that has just started', () => {
    const late = { systemctl: '[[ -e $state/up ]] || { touch "$state/up"; exit 1; }' };
    expect(made(late).told(CALL)).toBe('      gave web1 the address 10.78.1.11\ntest: 1 change (0 s)\n');
  });

  it('says when the image cannot, and when the address does not come', () => {
    const without = made();
    fill(without.folder, { 'state/away': '' });
    expect(without.run(CALL)).toMatchObject({
      code: 1,
      err: 'test: web1 has no systemd-networkd, which gives it the address 10.78.1.11; choose another image, or Network.published()\n',
    });
    // The clock of bash runs ahead here, a minute with each sleep.
    const never = made({ networkctl: '' }).run(`sleep() { SECONDS=$((SECONDS + 60)); }\n${CALL}`);
    expect(never.err).toContain('web1 did not take the address 10.78.1.11; look with: lxc exec web1 -- networkctl status eth1');
  });
});
