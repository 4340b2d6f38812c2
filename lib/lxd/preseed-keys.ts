import { isPlain } from '../core/index.js';
import type { Span } from './engine.js';

/** What a preseed may have, and which engines read it; others refuse the whole document. Read off their sources. */

const ALL: Span = { LXD: '5.0.2', Incus: '6.0.0' };

type Spans = Readonly<Record<string, Span>>;

function table(...rows: readonly (readonly [span: Span, keys: string])[]): Spans {
  return Object.fromEntries(rows.flatMap(([span, keys]) => keys.split(/\s+/).map((key) => [key, span])));
}

/** Keys of the document. */
export const PRESEED_KEYS = table(
  [ALL, 'config networks storage_pools profiles projects cluster'],
  [{ LXD: '5.21.0', Incus: '6.0.4' }, 'storage_volumes'],
  [{ Incus: '6.0.5' }, 'certificates'],
  [{ Incus: '6.0.6' }, 'cluster_groups'],
);

/** Keys of what stands below those: of a map, or of each of a list. */
export const KEYS_BELOW: Readonly<Record<string, Spans>> = {
  cluster: table(
    [ALL, 'server_name enabled member_config cluster_address cluster_certificate cluster_certificate_path server_address cluster_token'],
    [{ LXD: '5.0.2-6.2' }, 'cluster_password'],
  ),
  networks: table([ALL, 'name type project config description']),
  storage_pools: table([ALL, 'name driver config description']),
  profiles: table([ALL, 'name config devices description'], [{ Incus: '6.0.4' }, 'project']),
  projects: table([ALL, 'name config description'], [{ LXD: '5.21.7' }, 'storage network']),
};

/** Options of the server, which stand in `config`; `storage.project` and `logging` are families, with names behind them. */
export const SERVER_OPTIONS = table(
  [ALL, 'backups.compression_algorithm cluster.https_address cluster.images_minimal_replica cluster.join_token_expiry'],
  [ALL, 'cluster.max_standby cluster.max_voters cluster.offline_threshold core.bgp_address core.bgp_asn core.bgp_routerid'],
  [ALL, 'core.debug_address core.dns_address core.https_address core.https_allowed_credentials core.https_allowed_headers'],
  [ALL, 'core.https_allowed_methods core.https_allowed_origin core.https_trusted_proxy core.metrics_address core.metrics_authentication'],
  [ALL, 'core.proxy_http core.proxy_https core.proxy_ignore_hosts core.remote_token_expiry core.shutdown_timeout'],
  [ALL, 'core.trust_ca_certificates images.auto_update_cached images.auto_update_interval images.compression_algorithm'],
  [ALL, 'images.default_architecture images.remote_cache_expiry network.ovn.integration_bridge network.ovn.northbound_connection'],
  [ALL, 'storage.backups_volume storage.images_volume'],
  [{ LXD: '5.0.2-5.20' }, 'candid.api.key candid.api.url candid.domains candid.expiry rbac.agent.private_key rbac.agent.public_key'],
  [{ LXD: '5.0.2-5.20' }, 'rbac.agent.url rbac.agent.username rbac.api.expiry rbac.api.key rbac.api.url rbac.expiry'],
  [{ LXD: '5.0.2-5.21' }, 'core.trust_password'],
  [{ LXD: '5.0.2-6.7' }, 'maas.api.key maas.api.url maas.machine'],
  [{ LXD: '5.2', Incus: '6.0.0' }, 'instances.nic.host_name'],
  [
    { LXD: '5.6', Incus: '6.0.0' },
    'loki.api.ca_cert loki.api.url loki.auth.password loki.auth.username loki.labels loki.loglevel loki.types',
  ],
  [{ LXD: '5.6-6.7', Incus: '6.0.0' }, 'core.storage_buckets_address'],
  [{ LXD: '5.7', Incus: '6.0.0' }, 'acme.agree_tos acme.ca_url acme.domain acme.email'],
  [{ LXD: '5.11-6.5', Incus: '6.0.0' }, 'instances.placement.scriptlet'],
  [{ LXD: '5.13', Incus: '6.0.0' }, 'oidc.audience oidc.client.id oidc.issuer'],
  [{ LXD: '5.14', Incus: '6.0.0' }, 'cluster.healing_threshold'],
  [{ LXD: '5.18', Incus: '6.0.0' }, 'core.syslog_socket'],
  [{ LXD: '5.21.0', Incus: '6.0.0' }, 'loki.instance network.ovn.ca_cert network.ovn.client_cert network.ovn.client_key'],
  [{ LXD: '5.21.0' }, 'instances.migration.stateful oidc.groups.claim'],
  [{ LXD: '5.21.7' }, 'oidc.client.secret'],
  [{ LXD: '5.21.7', Incus: '6.0.2' }, 'oidc.scopes'],
  [{ LXD: '6.6' }, 'core.auth_secret_expiry oidc.session.expiry storage.project'],
  [{ LXD: '6.9' }, 'oidc.device.client.id'],
  [{ Incus: '6.0.0' }, 'oidc.claim openfga.api.token openfga.api.url openfga.store.id'],
  [{ Incus: '6.0.2' }, 'instances.lxcfs.per_instance network.ovs.connection'],
  [{ Incus: '6.0.3' }, 'authorization.scriptlet cluster.rebalance.batch cluster.rebalance.cooldown cluster.rebalance.interval'],
  [{ Incus: '6.0.3' }, 'cluster.rebalance.threshold'],
  [{ Incus: '6.0.4' }, 'acme.challenge acme.http.port acme.provider acme.provider.environment acme.provider.resolvers'],
  [{ Incus: '6.0.5' }, 'logging'],
  [{ Incus: '6.0.6' }, 'network.hwaddr_pattern storage.logs_volume'],
  [{ Incus: '7.0.0' }, 'core.shutdown_action'],
);

/** Remotes of images that an engine knows by itself, by the name before the colon. */
export const REMOTES = table(
  [ALL, 'local'],
  [{ LXD: '5.0.2' }, 'ubuntu ubuntu-daily'],
  [{ LXD: '5.0.3' }, 'ubuntu-minimal ubuntu-minimal-daily'],
  // The server that 5.0.2 asks does not answer LXD any more.
  [{ LXD: '5.0.4', Incus: '6.0.0' }, 'images'],
);

/** A key of a preseed that an engine does not have: what it is for people, and since when which engine has it. */
interface Strange {
  readonly what: string;
  readonly span: Span;
}

/** All keys of a user's preseed that are checked, with the spans in which they exist. */
export function keysOf(preseed: Readonly<Record<string, unknown>>): Strange[] {
  return Object.entries(preseed).flatMap(([key, value]) => [
    { what: `key "${key}"`, span: PRESEED_KEYS[key] ?? {} },
    ...(key === 'config' ? optionsOf(value) : []),
    ...(Object.hasOwn(KEYS_BELOW, key) ? below(key, value) : []),
  ]);
}

/** What is wrong with the shape of a user's preseed: what does not merge with ours would take its place. */
export function misshaped(preseed: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(preseed).flatMap(([key, value]) => {
    if (PRESEED_KEYS[key] === undefined) return [];
    if (key === 'config' || key === 'cluster')
      return isPlain(value) ? [] : [`key "${key}" in the preseed is ${shown(value)}; give it a map`];
    if (!Array.isArray(value)) return [`key "${key}" in the preseed is ${shown(value)}; give it a list`];
    const nameless = value.find((item) => !isPlain(item) || typeof item.name !== 'string');
    return nameless === undefined ? [] : [`key "${key}" in the preseed has ${shown(nameless)}; give each a name`];
  });
}

const shown = (value: unknown) => JSON.stringify(value)?.slice(0, 60) ?? 'undefined';

function optionsOf(config: unknown): Strange[] {
  const options = mapOf(config).filter((option) => !option.startsWith('user.'));
  return options.map((option) => {
    const [family] = /^(storage\.project|logging)(?=\.)/.exec(option) ?? [option];
    return { what: `option "${option}"`, span: SERVER_OPTIONS[family] ?? {} };
  });
}

function below(key: string, value: unknown): Strange[] {
  const maps = Array.isArray(value) ? value : [value];
  const names = new Set(maps.flatMap(mapOf));
  return [...names].map((name) => ({ what: `key "${name}" of "${key}"`, span: KEYS_BELOW[key]?.[name] ?? {} }));
}

function mapOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}
