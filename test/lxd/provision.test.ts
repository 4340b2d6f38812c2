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
