import { expect } from 'vitest';
import { AssertionError } from '../../lib/assertions/index.js';
import { App, BackupPool, HaproxyFrontend, Stack } from '../../lib/index.js';
import { aSite, PAGE } from '../support.js';

/** m1 to m3; web2 on m2, web3 on m3, backup `spare` on m2; frontend `http` on m1. */
export function aStack(app = new App()): Stack {
  const stack = new Stack(app, 's');
  const { m1, m2, web } = aSite(stack);
  new BackupPool(stack, 'Backups', { backend: web }).addServer('spare', { on: m2, site: PAGE });
  new HaproxyFrontend(stack, 'http', { on: m1, port: 80, publishPort: 1080, defaultBackend: web, statistics: {} });
  return stack;
}

/** A stack of nothing, which only an app without targets takes. */
export function anEmptyStack(): Stack {
  return new Stack(new App({ targets: [] }), 'empty');
}

/** What an assertion that does not hold says. */
export function messageOf(assertion: () => unknown): string {
  let error: unknown;
  try {
    assertion();
  } catch (thrown) {
    error = thrown;
  }
  expect(error, 'the assertion should not hold').toBeInstanceOf(AssertionError);
  // By another name, Jest would not show the message as it is.
  expect((error as AssertionError).name).toBe('Error');
  return (error as AssertionError).message;
}
