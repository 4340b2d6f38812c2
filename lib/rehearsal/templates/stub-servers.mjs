// @ts-check
// The web servers of a rehearsal. A thread of their own: load that the main thread makes does not wait for them, nor they for it.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, STATUS_CODES } from 'node:http';
import { extname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

/** @typedef {import('../stubs.js').Mode} Mode */
/** @typedef {{ mode: Mode, port: number, listening: boolean, set: (mode: Mode) => Promise<void> }} Stub */

/** Lateness of a slow server: two seconds, and a little, for it is not to be chance whether checks that wait two seconds fail. */
const SLOW_MS = 2100;
/** As Apache keeps them: longer than HAProxy does. */
const KEEP_ALIVE_MS = 75_000;
/** Below what the kernel gives to outgoing connections, which would take the port of a server that is stopped. */
const [FIRST_PORT, LAST_PORT] = [10_000, 31_999];

/** @type {Record<string, string>} */
const TYPES = {
  '.avif': 'image/avif',
  '.css': 'text/css',
  '.csv': 'text/csv',
  '.gif': 'image/gif',
  '.htm': 'text/html',
  '.html': 'text/html',
  '.ico': 'image/vnd.microsoft.icon',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.mp4': 'video/mp4',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.wasm': 'application/wasm',
  '.webm': 'video/webm',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.xml': 'application/xml',
};

/**
 * @param {import('../stubs.js').StubServer} server
 * @returns {Promise<Stub>}
 */
async function stub({ port: preferred, pages }) {
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  /** Answers that a hang holds back. @type {(() => void)[]} */
  let held = [];
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    request.resume();
    const answer = () => respond(pages, request, response);
    if (self.mode === 'hang') held.push(answer);
    else if (self.mode === 'slow') setTimeout(answer, SLOW_MS);
    else if (self.mode === 'break') refuse(response, 500);
    else answer();
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const listen = async (/** @type {number} */ port) => {
    server.listen({ port, host: '127.0.0.1', exclusive: true });
    await once(server, 'listening');
    self.port = port;
    self.listening = true;
  };
  /** @type {Stub} */
  const self = {
    mode: 'restore',
    port: preferred,
    listening: false,
    async set(mode) {
      self.mode = mode;
      const late = held;
      held = [];
      if (mode === 'stop') {
        if (!self.listening) return;
        self.listening = false;
        const closed = new Promise((done) => server.close(done));
        for (const socket of sockets) socket.resetAndDestroy();
        await closed;
      } else {
        if (mode === 'hang') held = late;
        else for (const answer of late) answer();
        if (!self.listening) await listen(self.port);
      }
    },
  };
  for (let port = preferred; ; port = port < FIRST_PORT || port >= LAST_PORT ? FIRST_PORT : port + 1) {
    try {
      await reserve(port);
      await listen(port);
      return self;
    } catch (error) {
      const { code = '' } = /** @type {NodeJS.ErrnoException} */ (error);
      if (!['EADDRINUSE', 'EACCES'].includes(code)) throw error;
    }
  }
}

/**
 * Keeps a port from other rehearsals while its server is stopped: they, too, first take the port of UDP that has its number.
 *
 * @param {number} port
 */
async function reserve(port) {
  const socket = createSocket('udp4');
  try {
    socket.bind({ port, address: '127.0.0.1', exclusive: true });
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    throw error;
  }
}

/**
 * As Apache serves a folder: an index for each that has one, no listings.
 *
 * @param {Readonly<Record<string, Uint8Array>>} pages
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
function respond(pages, request, response) {
  if (!['GET', 'HEAD', 'POST'].includes(request.method ?? '')) return refuse(response, 405);
  let path = '';
  try {
    path = decodeURIComponent(new URL(request.url ?? '', 'http://stub').pathname).slice(1);
  } catch {
    return refuse(response, 400);
  }
  const file = path === '' || path.endsWith('/') ? `${path}index.html` : path;
  const content = Object.hasOwn(pages, file) ? pages[file] : undefined;
  if (content === undefined) {
    if (!Object.hasOwn(pages, `${file}/index.html`)) return refuse(response, 404);
    response.writeHead(301, { location: `/${encodeURI(file)}/` }).end();
    return;
  }
  const type = TYPES[extname(file).toLowerCase()];
  response.writeHead(200, { 'content-length': content.byteLength, ...(type === undefined ? {} : { 'content-type': type }) }).end(content);
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 */
function refuse(response, status) {
  const page = `<!doctype html>\n<title>${status} ${STATUS_CODES[status]}</title>\n<h1>${STATUS_CODES[status]}</h1>\n`;
  response.writeHead(status, { 'content-type': 'text/html', 'content-length': page.length }).end(page);
}

/** @type {Map<string, Stub>} */
const stubs = new Map();
for (const server of /** @type {import('../stubs.js').StubServer[]} */ (workerData)) stubs.set(server.name, await stub(server));
parentPort?.on('message', async (/** @type {import('../stubs.js').Order} */ { id, modes }) => {
  let error;
  try {
    await Promise.all(Object.entries(modes).map(([name, mode]) => stubs.get(name)?.set(mode)));
  } catch (thrown) {
    error = String(thrown);
  }
  parentPort?.postMessage({ id, error });
});
parentPort?.postMessage({ ports: Object.fromEntries([...stubs].map(([name, { port }]) => [name, port])) });
