import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Guest } from '../guest.js';
import { output, removeTemporaries } from '../support.js';

removeTemporaries();

const CALL = 'statistics_password statistics-http STATISTICS_HTTP';
const made = () => {
  const guest = new Guest(['provision', 'balancer']);
  const secret = (ending: string) => join(guest.home, `secrets/statistics-http.${ending}`);
  const read = (ending: string) => readFileSync(secret(ending), 'utf8').trim();
  const set = (password: string) => guest.told(`${CALL} PW`, { STATISTICS_HTTP: Buffer.from(password).toString('base64') });
  return { guest, secret, read, set };
};
const matches = (password: string, hash: string) =>
  output('openssl', ['passwd', '-6', '-salt', hash.split('$')[2] ?? '', '-stdin'], { input: `${password}\n` }).trim() === hash;

describe('statistics_password', () => {
  it('is made once, and only its owner may read it', () => {
    const { guest, secret, read } = made();
    expect(guest.told(`umask 000; ${CALL}`)).toBe('      set the password of statistics-http\n');
    const first = [read('password'), read('hash')] as const;
    expect(first[0]).toMatch(/^[A-Za-z0-9+/]{24}$/);
    expect(matches(...first)).toBe(true);
    expect(guest.told(CALL)).toBe('');
    expect([read('password'), read('hash')]).toEqual(first);
    for (const ending of ['password', 'hash']) expect((statSync(secret(ending)).mode & 0o777).toString(8)).toBe('600');
  });

  it('is another on each machine', () => {
    const passwords = [made(), made()].map(({ guest, read }) => {
      guest.told(CALL);
      return read('password');
    });
    expect(passwords[0]).not.toBe(passwords[1]);
  });

  it('gets a hash again when that was lost', () => {
    const { guest, read } = made();
    guest.told(CALL);
    const password = read('password');
    guest.told(`: >"$home/secrets/statistics-http.hash"; ${CALL}`);
    expect(read('password')).toBe(password);
    expect(matches(password, read('hash'))).toBe(true);
  });

  it.each(['correct horse', 'it\'s $HOME `id` \\ "', 'ünïcode', '-stdin', '$ecret'])(
    'comes from the variable of the host: %s',
    (password) => {
      const { secret, read, set } = made();
      expect(set(password)).toBe('      set the password of statistics-http\n');
      const hash = read('hash');
      expect(hash).toMatch(/^\$6\$/);
      expect(matches(password, hash)).toBe(true);
      expect(set(password)).toBe('');
      expect(read('hash')).toBe(hash);
      expect(existsSync(secret('password'))).toBe(false);
      expect((statSync(secret('hash')).mode & 0o777).toString(8)).toBe('600');
    },
  );

  it('changes with the variable', () => {
    const { read, set } = made();
    set('one');
    expect(set('two')).not.toBe('');
    expect(matches('two', read('hash'))).toBe(true);
  });

  it.each(['-6', '-5', '-1'])('is taken as a hash when it is one, of openssl passwd %s', (kind) => {
    const { secret, read, set } = made();
    const hash = output('openssl', ['passwd', kind, 'secret']).trim();
    expect(set(hash)).not.toBe('');
    expect(read('hash')).toBe(hash);
    expect(set(hash)).toBe('');
    expect((statSync(secret('hash')).mode & 0o777).toString(8)).toBe('600');
  });

  it('lets no hash out of its quotes', () => {
    // balancer() writes it between single quotes into a file that a shell reads.
    const { guest, read } = made();
    const { code } = guest.run(`${CALL} PW`, { STATISTICS_HTTP: Buffer.from("$6$x$'; touch owned; '").toString('base64') });
    if (code === 0) expect(read('hash')).not.toContain("'");
  });

  it('keeps the one it has when the variable is not set, and fails when there is none', () => {
    const { guest, read, set } = made();
    const { code, err } = guest.run(`${CALL} PW`);
    expect([code, err]).toEqual([
      1,
      expect.stringContaining('is to come from the variable PW, which is not set on the host; set it and run: vagrant provision'),
    ]);
    set('one');
    const hash = read('hash');
    expect(set('')).toBe('');
    expect(read('hash')).toBe(hash);
  });

  it('leaves no generated password behind when the variable takes over, and makes one when it goes', () => {
    const { guest, secret, read, set } = made();
    guest.told(CALL);
    set('mine');
    expect(existsSync(secret('password'))).toBe(false);
    guest.told(CALL);
    expect(matches(read('password'), read('hash'))).toBe(true);
  });
});
