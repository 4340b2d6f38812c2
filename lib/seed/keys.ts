import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** A private key and its certificate, as PEM. */
export interface KeyPair {
  readonly key: string;
  readonly certificate: string;
}

const VALID_DAYS = 3650;

/**
 * A key pair of a stack, made when it is first asked for. It stays: who joins later joins by it as well.
 *
 * @param folder where keys are kept, of mode 0700
 * @throws Error when openssl is not installed
 */
export function keyPair(folder: string, name: string): KeyPair {
  const place = join(folder, name);
  if (!existsSync(place)) make(folder, name, place);
  const read = (half: string) => {
    const path = join(place, `${half}.pem`);
    const pem = existsSync(path) ? readFileSync(path, 'utf8') : '';
    if (pem.startsWith('-----BEGIN ')) return pem;
    throw new Error(`"${path}" is no ${half}; bring it back from a copy, or, when no machine has it yet, remove "${place}"`);
  };
  return { key: read('key'), certificate: read('certificate') };
}

/** In a folder beside its place, which it takes by one rename: two at once come to the same key. */
function make(folder: string, name: string, place: string): void {
  const passing = join(folder, `${name}.${process.pid}`);
  mkdirSync(passing, { recursive: true, mode: 0o700 });
  try {
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp384r1', '-sha384', '-nodes', '-batch'];
    const what = ['-days', String(VALID_DAYS), '-subj', `/O=cdk-vagrant/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    const files = ['-keyout', join(passing, 'key.pem'), '-out', join(passing, 'certificate.pem')];
    execFileSync('openssl', [...request, ...what, ...files], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    rmSync(passing, { recursive: true, force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Error('openssl is not installed, which makes the keys of the machines; install it');
    throw new Error(`openssl makes no key: ${message}`);
  }
  try {
    renameSync(passing, place);
  } catch (error) {
    rmSync(passing, { recursive: true, force: true });
    // Another was faster.
    if (!existsSync(place)) throw error;
  }
}
