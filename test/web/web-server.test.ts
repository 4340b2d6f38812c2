import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Guest } from '../guest.js';
import { contents, removeTemporaries } from '../support.js';

removeTemporaries();

/** A container is this machine; its Apache is a word in a file. tar can be made to fail where it unpacks. */
const fakes = {
  lxc: 'while [[ $1 != -- ]]; do shift; done\nshift\nexec "$@"',
  systemctl: `case $1 in
  is-active) cat "$state/apache" ;;
  *) [[ ! -e $state/broken ]] && echo active >"$state/apache" ;;
esac`,
  tar: `[[ ! -e $state/cut || " $* " != *" -x "* ]] || exit 1\nPATH=\${PATH#*:} exec tar "$@"`,
};
const NOTHING = 'test: nothing to change (0 s)\n';
const PUSHED = '      pushed the pages of web1\ntest: 1 change (0 s)\n';
const CALL = 'web_server web1 web1 80 pages 192.168.56.5\nfinish';

/** A container with its first pages. */
const made = (call = CALL) => {
  const guest = new Guest(['provision', 'containers', 'web-server'], fakes);
  const first = 'umask 077; echo active >state/apache; mkdir -p pages/sub; echo one >pages/index.html; echo two >"pages/sub/a b"';
  expect(guest.told(`${first}\n${call}`)).toBe(PUSHED);
  const site = () => contents(join(guest.folder, 'var/www/web1/'));
  const believed = () =>
    readFileSync(join(guest.folder, 'etc/apache2/cdk-vagrant/web1.conf'), 'utf8')
      .match(/ {2}Remote.*\n/g)
      ?.join('') ?? '';
  const services = () => guest.calls().filter((call) => /^systemctl (?!is-active)/.test(call));
  return { guest, site, believed, services };
};

describe('web_server', () => {
  it('pushes the pages once, for Apache to read', () => {
    const { guest, site, services } = made();
    expect(site()).toEqual({ 'index.html': 'one\n', 'sub/a b': 'two\n' });
    const mode = (path: string) => (statSync(join(guest.folder, 'var/www/web1', path)).mode & 0o777).toString(8);
    expect(['.', 'sub', 'index.html', 'sub/a b'].map(mode)).toEqual(['755', '755', '644', '644']);
    expect(services()).toEqual(['systemctl reload-or-restart apache2']);
    expect(guest.told(CALL)).toBe(NOTHING);
    expect(services()).toEqual([]);
  });

  it.each([
    ['changes', 'echo new >pages/index.html'],
    ['comes', 'echo new >pages/new.html'],
    ['goes', 'rm "pages/sub/a b"'],
    ['is renamed', 'mv pages/index.html pages/home.html'],
  ])('swaps the pages when one %s, and leaves no old ones behind', (_, change) => {
    const { guest, site } = made();
    expect(guest.told(`${change}\n${CALL}`)).toBe(PUSHED);
    expect(site()).toEqual(contents(join(guest.folder, 'pages')));
    expect(readdirSync(join(guest.folder, 'var/www'))).toEqual(['web1', expect.stringMatching(/^web1\.\d+\.\d+$/)]);
    expect(guest.told(CALL)).toBe(NOTHING);
  });

  it.each([
    [
      'another balancer leads here',
      '192.168.56.5 192.168.56.6',
      '  RemoteIPInternalProxy 192.168.56.5\n  RemoteIPInternalProxy 192.168.56.6\n',
    ],
    ['none does any more', '', ''],
  ])('tells Apache when %s, and it loads that', (_, balancers, configuration) => {
    const { guest, believed, services } = made();
    expect(believed()).toBe('  RemoteIPInternalProxy 192.168.56.5\n');
    services();
    const call = `web_server web1 web1 80 pages ${balancers}\nfinish`;
    expect(guest.told(call)).toBe(PUSHED);
    expect(believed()).toBe(configuration);
    expect(services()).toEqual(['systemctl reload-or-restart apache2']);
    expect(guest.told(call)).toBe(NOTHING);
  });

  it('starts an Apache that was stopped', () => {
    const { guest, services } = made();
    services();
    expect(guest.told(`echo inactive >state/apache\n${CALL}`)).toBe('      started Apache for web1\ntest: 1 change (0 s)\n');
    expect(services()).toEqual(['systemctl restart apache2']);
    expect(guest.told(CALL)).toBe(NOTHING);
  });

  it('says where to look when Apache does not start', () => {
    const { guest } = made();
    const { code, err } = guest.run(`echo failed >state/apache; touch state/broken\n${CALL}`);
    expect([code, err]).toEqual([1, 'test: Apache does not start; look with: lxc exec web1 -- journalctl -u apache2\n']);
  });

  it('keeps serving the old pages when a push is cut off, and pushes at the next run', () => {
    const { guest, site } = made();
    const { code } = guest.run(`echo new >pages/index.html; touch state/cut\n${CALL}`);
    expect([code, site()['index.html']]).toEqual([1, 'one\n']);
    expect(guest.told(`rm state/cut\n${CALL}`)).toBe(PUSHED);
    expect(site()['index.html']).toBe('new\n');
    expect(readdirSync(join(guest.folder, 'var/www'))).toHaveLength(2);
  });

  it('has Apache load at the next run what it was cut off from loading', () => {
    const { guest, services } = made();
    const call = CALL.replace('192.168.56.5', '192.168.56.6');
    const { code, err } = guest.run(`touch state/broken\n${call}`);
    expect([code, err]).toEqual([1, expect.stringContaining('the pages of web1 cannot be pushed')]);
    services();
    expect(guest.told(`rm state/broken\n${call}`)).toBe(PUSHED);
    expect(services()).toEqual(['systemctl reload-or-restart apache2']);
    expect(guest.told(call)).toBe(NOTHING);
  });
});
