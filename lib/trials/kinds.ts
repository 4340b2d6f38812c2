import { isPlain, type Kind, kind, shown, TEXT } from '../core/index.js';
import type { HaproxyFrontend, WebServer } from '../web/index.js';

// Told by their names, not by their classes, which would make the bundle of this room bring all others along.

export const FRONTEND: Kind<HaproxyFrontend> = kind(
  'a HaproxyFrontend',
  (value) => isPlain(value) && TEXT.is(value.frontendName),
  (value) => `new HaproxyFrontend(stack, ${TEXT.is(value) ? shown(value) : "'http'"}, { on: member, port: 80, defaultBackend })`,
);

export const SERVER: Kind<WebServer> = kind(
  'a WebServer',
  (value) => isPlain(value) && TEXT.is(value.serverName),
  (value) => (TEXT.is(value) ? `what web.addServer(${shown(value)}, ...) returned` : "web.addServer('web1', { on: member })"),
);
