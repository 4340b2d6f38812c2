import { describe, expect, it } from 'vitest';
import { endOfLife } from '../../lib/machine/index.js';

describe('endOfLife', () => {
  it.each([
    'debian/buster64',
    'debian/bullseye64',
    'bento/debian-11',
    'generic/debian10',
    'ubuntu/focal64',
    'bento/ubuntu-20.04',
    'generic/ubuntu2004',
    'ubuntu:20.04',
    'ubuntu:focal',
    'images:debian/11',
    'images:debian/bullseye',
    'images:ubuntu/focal/cloud',
  ])('names what to use instead of %s', (name) => {
    expect(endOfLife(name)).toMatch(/whose support ended in \d{4}-\d\d; use (debian\/12|ubuntu\/24\.04)/);
  });

  it.each([
    'bento/debian-12',
    'debian/bookworm64',
    'bento/ubuntu-24.04',
    'ubuntu:24.04',
    'ubuntu:22.04',
    'images:debian/12',
    'local/mine',
    'my/debian',
  ])('has nothing against %s', (name) => {
    expect(endOfLife(name)).toBeUndefined();
  });
});
