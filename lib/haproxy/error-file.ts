/** Statuses that HAProxy has an error page for, with their reasons. Source: `errorfile` in the configuration manual of 2.6. */
const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  410: 'Gone',
  413: 'Content Too Large',
  425: 'Too Early',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** Largest error file, in bytes: HAProxy's buffer of 16 KiB, less what it needs for its own view of the headers. */
export const ERROR_FILE_LIMIT = 16_000;

export function isErrorStatus(status: number): boolean {
  return status in REASONS;
}

export function errorStatuses(): number[] {
  return Object.keys(REASONS).map(Number);
}

/** A page as HAProxy sends it: a whole HTTP response. */
export function errorFile(status: number, page: Uint8Array): Uint8Array {
  const head = [
    `HTTP/1.1 ${status} ${REASONS[status]}`,
    'Content-Type: text/html; charset=utf-8',
    'Cache-Control: no-cache',
    'Connection: close',
    `Content-Length: ${page.length}`,
    '',
    '',
  ].join('\r\n');
  return Buffer.concat([Buffer.from(head), page]);
}
