import { count } from '../load/index.js';
import type { Figures, ServerFigures, Watched } from '../measure/index.js';
import { html, type Markup } from './html.js';
import { mark, table } from './table.js';

/** HAProxy's figures before and after, and whether they agree with what the client counted. */
export function haproxySection({ before, after }: Watched, target: string, sent: number): Markup {
  const counted = requestsOf(after, target) - requestsOf(before, target);
  const earlier = new Map(before.servers.map((server) => [keyOf(server), server]));
  const isAnew = counted < 0 || after.servers.some((server) => server.total < (earlier.get(keyOf(server))?.total ?? 0));
  if (isAnew)
    return html`<h2>HAProxy's figures</h2>
<p>${mark(false, 'Not known:')} HAProxy was started anew meanwhile, and began to count again.</p>
`;
  const agreement =
    counted === sent
      ? html`<p>${mark(true, 'Agreed:')} the client sent ${count(sent)} requests, and HAProxy's frontend "${target}" counted as many.</p>
`
      : html`<p>${mark(false, 'Not agreed:')} the client sent ${count(sent)} requests, and HAProxy's frontend "${target}" counted ${count(counted)}. Others may have asked it as well, or a request never reached it.</p>
`;
  return html`<h2>HAProxy's figures</h2>
${agreement}${serversTable(earlier, after)}${proxiesTable(before, after)}`;
}

/** Requests that a frontend had got. */
function requestsOf({ proxies }: Figures, frontend: string): number {
  return proxies.filter(({ kind, name }) => kind === 'frontend' && name === frontend).reduce((sum, { requests }) => sum + requests, 0);
}

const CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'];

/** Answers by class of status, those that there were. */
function classes(before: readonly number[], after: readonly number[]): string {
  const grown = after.map((value, n) => value - (before[n] ?? 0));
  return grown.flatMap((value, n) => (value === 0 ? [] : [`${CLASSES[n]}: ${count(value)}`])).join(', ') || 'none';
}

const NOTHING = [0, 0, 0, 0, 0];

const keyOf = ({ backend, server }: ServerFigures) => `${backend}/${server}`;

function serversTable(earlier: ReadonlyMap<string, ServerFigures>, after: Figures): Markup {
  const answersOf = (server: ServerFigures) =>
    server.responses.reduce((sum, value, n) => sum + value - (earlier.get(keyOf(server))?.responses[n] ?? 0), 0);
  const all = after.servers.reduce((sum, server) => sum + answersOf(server), 0);
  const hasOne = new Set(after.servers.map(({ backend }) => backend)).size === 1;
  const rows = after.servers.map((server) => {
    const was = earlier.get(keyOf(server));
    const grown = (name: 'connectionErrors' | 'responseErrors' | 'retries') => count(server[name] - (was?.[name] ?? 0));
    const answers = answersOf(server);
    return [
      hasOne ? server.server : keyOf(server),
      server.isBackup ? 'backup' : 'primary',
      was === undefined || was.status === server.status ? server.status : `${was.status}, then ${server.status}`,
      count(answers),
      all === 0 ? '' : `${((100 * answers) / all).toFixed(1)} %`,
      classes(was?.responses ?? NOTHING, server.responses),
      grown('connectionErrors'),
      grown('responseErrors'),
      grown('retries'),
    ];
  });
  return table(
    'Servers, what they answered meanwhile',
    [
      { title: 'server' },
      { title: 'role' },
      { title: 'status' },
      { title: 'answers', kind: 'number' },
      { title: 'share', kind: 'number' },
      { title: 'by class' },
      { title: 'failed connections', kind: 'number' },
      { title: 'failed answers', kind: 'number' },
      { title: 'retries', kind: 'number' },
    ],
    rows,
  );
}

function proxiesTable(before: Figures, after: Figures): Markup {
  const rows = after.proxies.map(({ kind, name, requests, responses }) => {
    const was = before.proxies.find((one) => one.kind === kind && one.name === name);
    const then = was?.requests ?? 0;
    return [`${kind} ${name}`, count(then), count(requests), count(requests - then), classes(was?.responses ?? NOTHING, responses)];
  });
  const numbers = ['before', 'after', 'meanwhile'].map((title) => ({ title, kind: 'number' }) as const);
  return table('Requests of frontends and backends', [{ title: 'of' }, ...numbers, { title: 'answers by class' }], rows);
}
