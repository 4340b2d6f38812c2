import { describe, expect, it } from 'vitest';
import { Guest } from '../guest.js';
import { removeTemporaries } from '../support.js';

removeTemporaries();

/** Everything is installed but what the test says is not. */
const packaged = { 'dpkg-query': 'printf installed' };

/** snapd as far as it matters here: what is installed, from which channel, and whether it is held. */
const snapd = `case $1 in
  list)
    [[ -e $state/lxd ]] || { echo "error: no matching snaps installed" >&2; exit 1; }
    echo "Name  Version      Rev    Tracking     Publisher   Notes"
    echo "lxd   5.21.3-c5ae  31333  $(<"$state/lxd")  canonical**  $([[ -e $state/held ]] && echo in-cohort,held || echo in-cohort)"
    ;;
  install) for word; do [[ $word != --channel=* ]] || echo "\${word#*=}" >"$state/lxd"; done ;;
  refresh)
    for word; do
      case $word in
        --hold) touch "$state/held" ;;
        --channel=*) echo "\${word#*=}" >"$state/lxd" ;;
      esac
    done ;;
esac`;

const snap = `install_lxd snap 5.21/stable\nfinish\necho "$lxd_dir" "\${lxd_units[@]}"`;

// No Ubuntu runs here: these are the calls that a machine with snapd would see.
describe('install_lxd snap', () => {
  it('installs the LTS, in the cohort, and holds it', () => {
    const guest = new Guest(['provision', 'lxd'], { ...packaged, snap: snapd });
    expect(guest.told(snap)).toBe(
      '      installed the LXD snap from 5.21/stable\ntest: 1 change (0 s)\n/var/snap/lxd/common/lxd snap.lxd.daemon.unix.socket snap.lxd.daemon.service\n',
    );
    const changes = guest.calls().filter((call) => /^snap (install|refresh)/.test(call));
    expect(changes).toEqual(['snap install lxd --channel=5.21/stable --cohort=+', 'snap refresh --hold lxd']);
  });

  it('does nothing the second time', () => {
    const guest = new Guest(['provision', 'lxd'], { ...packaged, snap: snapd });
    guest.told(snap);
    guest.calls();
    expect(guest.told(snap)).toMatch(/^test: nothing to change/);
    expect(guest.calls().filter((call) => call.startsWith('snap') && !/^snap (list|wait)/.test(call))).toEqual([]);
  });

  it('holds an LXD whose hold was cut off', () => {
    const guest = new Guest(['provision', 'lxd'], { ...packaged, snap: snapd });
    guest.told('echo 5.21/stable >state/lxd');
    guest.told(snap);
    expect(guest.calls().filter((call) => /^snap (install|refresh)/.test(call))).toEqual(['snap refresh --hold lxd']);
  });

  it('moves what the box brought to the channel of the cluster, but never a member', () => {
    const guest = new Guest(['provision', 'lxd'], { ...packaged, snap: snapd });
    guest.told('echo latest/edge >state/lxd');
    expect(guest.told(snap)).toContain('moved the LXD snap to 5.21/stable');
    expect(guest.calls()).toContain('snap refresh lxd --channel=5.21/stable --cohort=+');
    guest.told('echo 6/stable >state/lxd; touch "$home/member"');
    expect(guest.told(snap)).toMatch(/^test: nothing to change/);
  });

  it('fails when the store does', () => {
    const broken = { ...packaged, snap: 'case $1 in list) exit 1 ;; *) echo "error: cannot reach the store" >&2; exit 1 ;; esac' };
    const { code, err } = new Guest(['provision', 'lxd'], broken).run(snap);
    expect([code, err]).toEqual([1, expect.stringContaining('cannot reach the store')]);
  });
});

describe('install_lxd apt', () => {
  it('is content with what is there', () => {
    const guest = new Guest(['provision', 'lxd'], packaged);
    expect(guest.told(`install_lxd apt\nfinish\necho "$lxd_dir" "\${lxd_units[@]}"`)).toBe(
      'test: nothing to change (0 s)\n/var/lib/lxd lxd.socket lxd.service\n',
    );
    expect(guest.calls().some((call) => call.endsWith(' lxd'))).toBe(true);
  });
});

describe('lxd_answers_soon', () => {
  it('waits for a majority at the first look, and hardly at the next', () => {
    const guest = new Guest(['provision', 'lxd'], { lxd: 'exit 1' });
    guest.told('lxd_answers_soon || true\ntouch "$home/unfinished"\nlxd_answers_soon || true');
    expect(guest.calls()).toEqual(['lxd waitready --timeout=45', 'lxd waitready --timeout=1']);
  });
});
