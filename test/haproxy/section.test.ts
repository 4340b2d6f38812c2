import { describe, expect, it } from 'vitest';
import { text } from '../../lib/core/index.js';
import { isProxyName, Section } from '../../lib/haproxy/index.js';

describe('Section', () => {
  it('is its head and its directives, each word quoted', () => {
    const section = new Section('backend', 'web').lines`
      # why

      acl ${['slow', 'path']} ${"/it's "}
      maxconn ${32}`.lines`balance ${'a#b'}`;
    expect(section.render()).toBe("backend web\n    # why\n    acl slow path '/it'\\''s '\n    maxconn 32\n    balance 'a#b'\n");
    expect(new Section('global').render()).toBe('global\n');
  });

  it('ends in a variable of the environment where asked', () => {
    const section = new Section('userlist', 'u').lineWithVariable(['user', 'a b', 'password'], 'SECRET_1');
    expect(section.render()).toBe(`userlist u\n    user 'a b' password "\${SECRET_1}"\n`);
  });

  it('refuses what would begin another line', () => {
    const section = () => new Section('backend', 'web');
    const attempts = [
      () => section().lines`acl ${'a\nuser root'}`,
      () => section().lines`acl ${['a', 'b\nuser root']}`,
      () => section().lines`${'a\rb'}`,
      () => section().lines`# ${'why\nuser root'}`,
      () => section().lineWithVariable(['a\nb'], 'X'),
      () => section().lineWithVariable(['a'], 'X}"\nuser root'),
      () => new Section('backend', 'web\nuser root').render(),
      () => new Section('back\nend').render(),
      () => section().lines`${'a\0b'}`,
    ];
    for (const attempt of attempts) expect(attempt, String(attempt)).toThrow(text.UnquotableError);
  });
});

describe('isProxyName', () => {
  it.each(['web', 'web-backend', 'a_b.c:d', '1', 'x'.repeat(128)])('takes %s', (name) => expect(isProxyName(name)).toBe(true));
  it.each(['', 'a b', 'a\n', 'ü', 'a/b', "a'", 'x'.repeat(129)])('refuses %j', (name) => expect(isProxyName(name)).toBe(false));
});
