import type { Figures, ProxyFigures, ServerFigures } from './figures.js';

type Row = Readonly<Record<string, string>>;

/**
 * HAProxy's figures from what its `show stat` answers: CSV with a line of names that begins with `#`.
 *
 * @throws Error when it is something else
 */
export function parseStatistics(csv: string): Figures {
  const [head, ...lines] = csv.split('\n').filter((line) => line.trim() !== '');
  if (!head?.startsWith('# pxname,svname,')) throw new Error(`HAProxy answers no statistics: ${(head ?? 'nothing').slice(0, 80)}`);
  const names = fields(head.slice(2));
  const rows = lines.map((line): Row => {
    const values = fields(line);
    return Object.fromEntries(names.map((name, n) => [name, values[n] ?? '']));
  });
  return {
    proxies: rows.filter(({ type }) => type === '0' || type === '1').map(proxy),
    servers: rows.filter(({ type }) => type === '2').map(server),
  };
}

/** The figures of several balancers as those of one system. */
export function mergeFigures(all: readonly Figures[]): Figures {
  return { proxies: all.flatMap(({ proxies }) => proxies), servers: all.flatMap(({ servers }) => servers) };
}

function proxy(row: Row): ProxyFigures {
  const isFrontend = row.type === '0';
  return {
    name: row.pxname as string,
    kind: isFrontend ? 'frontend' : 'backend',
    requests: number(isFrontend ? row.req_tot : row.stot),
    currentSessions: number(row.scur),
    queued: number(row.qcur),
    responses: responses(row),
  };
}

function server(row: Row): ServerFigures {
  return {
    backend: row.pxname as string,
    server: row.svname as string,
    status: row.status as string,
    isBackup: number(row.bck) > 0,
    total: number(row.stot),
    current: number(row.scur),
    queued: number(row.qcur),
    connectionErrors: number(row.econ),
    responseErrors: number(row.eresp),
    retries: number(row.wretr) + number(row.wredis),
    responses: responses(row),
  };
}

function responses({ hrsp_1xx, hrsp_2xx, hrsp_3xx, hrsp_4xx, hrsp_5xx }: Row): ServerFigures['responses'] {
  return [number(hrsp_1xx), number(hrsp_2xx), number(hrsp_3xx), number(hrsp_4xx), number(hrsp_5xx)];
}

/** What does not apply is empty. */
function number(text: string | undefined): number {
  return Number(text ?? '') || 0;
}

/** The fields of a line; those with commas stand in quotation marks. */
function fields(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}
