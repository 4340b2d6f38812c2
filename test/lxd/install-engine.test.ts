import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Engine } from '../../lib/index.js';
import { Guest } from '../guest.js';
import { fill, removeTemporaries } from '../support.js';

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

const snap = 'install_engine snap 5.21/stable\nfinish';

// No Ubuntu runs here: these are the calls that a machine with snapd would see.
describe('install_engine snap', () => {
  it('installs the LTS, in the cohort, and holds it', () => {
    const guest = new Guest(['provision', 'engine'], { ...packaged, snap: snapd });
    expect(guest.told(snap)).toBe('      installed the LXD snap from 5.21/stable\ntest: 1 change (0 s)\n');
    const changes = guest.calls().filter((call) => /^snap (install|refresh)/.test(call));
    expect(changes).toEqual(['snap install lxd --channel=5.21/stable --cohort=+', 'snap refresh --hold lxd']);
  });

  it('does nothing the second time', () => {
    const guest = new Guest(['provision', 'engine'], { ...packaged, snap: snapd });
    guest.told(snap);
    guest.calls();
    expect(guest.told(snap)).toMatch(/^test: nothing to change/);
    expect(guest.calls().filter((call) => call.startsWith('snap') && !/^snap (list|wait)/.test(call))).toEqual([]);
  });

  it('holds an LXD whose hold was cut off', () => {
    const guest = new Guest(['provision', 'engine'], { ...packaged, snap: snapd });
    guest.told('echo 5.21/stable >state/lxd');
    guest.told(snap);
    expect(guest.calls().filter((call) => /^snap (install|refresh)/.test(call))).toEqual(['snap refresh --hold lxd']);
  });

  it('moves what the box brought to the channel of the cluster, but never a member', () => {
    const guest = new Guest(['provision', 'engine'], { ...packaged, snap: snapd });
    guest.told('echo latest/edge >state/lxd');
    expect(guest.told(snap)).toContain('moved the LXD snap to 5.21/stable');
    expect(guest.calls()).toContain('snap refresh lxd --channel=5.21/stable --cohort=+');
    guest.told('echo 6/stable >state/lxd; touch "$home/member"');
    expect(guest.told(snap)).toMatch(/^test: nothing to change/);
  });

  it('fails when the store does', () => {
    const broken = { ...packaged, snap: 'case $1 in list) exit 1 ;; *) echo "error: cannot reach the store" >&2; exit 1 ;; esac' };
    const { code, err } = new Guest(['provision', 'engine'], broken).run(snap);
    expect([code, err]).toEqual([1, expect.stringContaining('cannot reach the store')]);
  });
});

/** What the words of an engine come to in a script. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: bash's own
const SHOWN = 'echo "$engine, $client, ${daemon[*]}, $engine_dir, ${engine_units[*]}, $engine_log"';

describe('engine', () => {
  it.each([
    [Engine.lxdApt(), 'LXD, lxc, lxd, /var/lib/lxd, lxd.socket lxd.service, journalctl -u lxd'],
    [
      Engine.lxdSnap(),
      'LXD, lxc, lxd, /var/snap/lxd/common/lxd, snap.lxd.daemon.unix.socket snap.lxd.daemon.service, journalctl -u snap.lxd.daemon',
    ],
    [Engine.incus(), 'Incus, incus, incus admin, /var/lib/incus, incus.socket incus.service, journalctl -u incus'],
  ])('%s', (engine, shown) => {
    const guest = new Guest(['provision', 'engine'], {}, engine);
    // Guest.told() would take the machine's folders for its own.
    expect(guest.run(SHOWN).out).toBe(`${shown}\n`);
  });
});

/** apt as far as it matters here: the mirrors that it is told of. */
const apt = `case $1 in
  indextargets) cat "$state/suites" ;;
esac`;
const SUITES = 'bookworm-updates main http://own.mirror/debian/\nbookworm main http://own.mirror/debian/\n';
const SOURCE = 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://own.mirror/debian/ bookworm-backports main\n';

describe('install_engine', () => {
  const packaged = { 'dpkg-query': 'printf installed', 'apt-get': apt };
  const made = (suites: string) => {
    const guest = new Guest(['provision', 'engine'], packaged, Engine.incus());
    fill(guest.folder, {
      'state/suites': suites,
      'etc/os-release': 'ID=debian\nVERSION_CODENAME=bookworm\n',
      'etc/apt/sources.list.d/x': '',
    });
    return { guest, added: join(guest.folder, 'etc/apt/sources.list.d/cdk-vagrant-backports-main.list') };
  };

  it('asks for the packages that it is told, and what all need', () => {
    const { guest, added } = made(SUITES);
    expect(guest.told('install_engine apt incus-base\nfinish')).toBe('test: nothing to change (0 s)\n');
    const asked = guest.calls().map((call) => call.split(' ').at(-1));
    expect(asked).toEqual(['incus-base', 'dnsmasq-base', 'nftables', 'jq', 'curl', 'openssl']);
    expect(existsSync(added)).toBe(false);
  });

  it('adds the backports of the own mirror, once', () => {
    const { guest, added } = made(SUITES);
    const install = 'install_engine backports incus-base\nfinish';
    expect(guest.told(install)).toBe("      added bookworm-backports main to apt's sources\ntest: 1 change (0 s)\n");
    expect(readFileSync(added, 'utf8')).toBe(SOURCE);
    fill(guest.folder, { 'state/suites': `${SUITES}bookworm-backports main http://own.mirror/debian/\n` });
    expect(guest.told(install)).toBe('test: nothing to change (0 s)\n');
  });

  it('leaves backports that the machine has as they are', () => {
    const { guest, added } = made(`${SUITES}bookworm-backports main http://other/debian/\n`);
    guest.told('install_engine backports incus-base');
    expect(existsSync(added)).toBe(false);
  });

  // The real apt, which knows the sources of this machine alone. Boxes come without lists.
  const realApt = 'exec /usr/bin/apt-get -o Dir="$PWD" "$@"';
  const deb822 = (keyring: string) =>
    `Types: deb\nURIs: http://own.mirror/debian\nSuites: trixie trixie-updates\nComponents: main\n${keyring}`;
  const OWN = 'deb http://own.mirror/debian/ trixie contrib\n';
  const signed = (ending: string) => OWN.replace('deb', `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.${ending}]`);

  it.each([
    ['no keyring', 'sources.list.d/debian.sources', deb822(''), OWN],
    ['its keyring', 'sources.list.d/debian.sources', deb822('Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n'), OWN],
    [
      'its keyring by its later name',
      'sources.list.d/debian.sources',
      deb822('Signed-By: /usr/share/keyrings/debian-archive-keyring.pgp\n'),
      OWN,
    ],
    ['no keyring, on one line', 'sources.list', 'deb http://own.mirror/debian trixie main\n', OWN],
    ['its keyring, on one line', 'sources.list', signed('gpg').replace('contrib', 'main'), signed('gpg')],
    ['its keyring by its later name, on one line', 'sources.list', signed('pgp').replace('contrib', 'main'), signed('pgp')],
  ])('adds contrib, which apt takes beside a source with %s', (_, path, source, added) => {
    const guest = new Guest(['provision', 'engine'], { ...packaged, 'apt-get': realApt }, Engine.incus());
    fill(guest.folder, {
      'etc/os-release': 'ID=debian\nVERSION_CODENAME=trixie\n',
      'etc/apt/sources.list': '',
      'etc/apt/sources.list.d/x': '',
      [`etc/apt/${path}`]: source,
    });
    const add = "add_source '' contrib\nfinish";
    expect(guest.told(add)).toBe("      added trixie contrib to apt's sources\ntest: 1 change (0 s)\n");
    const own = join(guest.folder, 'etc/apt/sources.list.d/cdk-vagrant-contrib.list');
    expect(readFileSync(own, 'utf8')).toBe(added);
    expect(guest.told(add)).toBe('test: nothing to change (0 s)\n');
    // What was cut off is written again.
    fill(guest.folder, { 'etc/apt/sources.list.d/cdk-vagrant-contrib.list': 'deb [signed-by=/usr' });
    guest.told(add);
    expect(readFileSync(own, 'utf8')).toBe(added);
  });

  it('says what to do when there is no mirror', () => {
    const { guest, added } = made('bookworm-security main http://own.mirror/debian-security/\n');
    const { code, err } = guest.run('install_engine backports incus-base');
    expect([code, err]).toEqual([
      1,
      "test: apt knows no mirror of bookworm, to take bookworm-backports main from; name one in apt's sources\n",
    ]);
    expect(existsSync(added)).toBe(false);
  });
});

describe('engine_answers_soon', () => {
  it('waits for a majority at the first look, and hardly at the next', () => {
    const twice = 'engine_answers_soon || true\ntouch "$home/unfinished"\nengine_answers_soon || true';
    const guest = new Guest(['provision', 'engine'], { lxd: 'exit 1' });
    guest.told(twice);
    expect(guest.calls()).toEqual(['lxd waitready --timeout=45', 'lxd waitready --timeout=1']);
    const other = new Guest(['provision', 'engine'], { incus: 'exit 1' }, Engine.incus());
    other.told(twice);
    expect(other.calls()).toEqual(['incus admin waitready --timeout=45', 'incus admin waitready --timeout=1']);
  });
});
