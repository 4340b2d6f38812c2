import type { Construct } from 'constructs';
import { Annotations, classGuard, Element, type Guard, need, oneOf, options, Stack, TEXT, UNTOLD } from '../core/index.js';
import { SITE, type Site } from './site.js';
import { type ActivateWhen, BACKEND, type WebBackend } from './web-backend.js';
import { type SharedSite, WebServer, type WebServerOptions } from './web-server.js';

export interface BackupPoolProps {
  /** The backend whose primaries they stand in for. */
  readonly backend: WebBackend;
  /**
   * Pages of the backups that have none of their own.
   *
   * @default - the backend's
   */
  readonly site?: Site;
  /**
   * `down`: they serve when no primary is up. `downOrSaturated`: also those requests for which no primary has a free slot
   * (`maxConnectionsPerServer`).
   *
   * @default "down"
   */
  readonly activateWhen?: ActivateWhen;
}

const PROPS = options<BackupPoolProps>('{ backend }', () => ({
  backend: UNTOLD,
  site: SITE,
  activateWhen: oneOf('down', 'downOrSaturated'),
}));

/** Servers that stand in for the primaries of a backend, all of them in turn, and leave when a primary returns. */
export class BackupPool extends Element {
  /** Whether `x` is one, also of another copy of this library. */
  public static readonly isBackupPool: Guard<BackupPool> = classGuard(BackupPool, 'BackupPool');

  /** Whose primaries it stands in for. */
  public readonly backend: WebBackend;
  private readonly site: Site | undefined;
  private siteFiles: SharedSite | undefined;

  public constructor(scope: Construct, id: string, props: BackupPoolProps) {
    const backend = need(BACKEND, props?.backend, 'backend', scope, 'backup pool', id);
    super(scope, id);
    const given = PROPS.of(this, 'backup pool', id, props);
    this.backend = backend;
    this.site = given.site;
    if (Stack.of(this) !== Stack.of(backend)) {
      Annotations.of(this).addError(
        'other-stack',
        `backup pool "${id}" and backend "${backend.backendName}" are in different stacks; make them in the same one`,
      );
    }
    if (given.activateWhen === 'downOrSaturated') backend.activateWhen = given.activateWhen;
  }

  /**
   * Adds a backup, in a container of its own or on a machine itself.
   *
   * @param name name of the server, and of its container
   */
  public addServer(name: string, options: WebServerOptions): WebServer {
    need(TEXT, name, 'name', this, 'a server of backup pool', this.node.id);
    const server = new WebServer(this, this.freeId(name), name, this.backend, true, options, () => this.sharedSite());
    this.backend.backups.push(server);
    return server;
  }

  private sharedSite(): SharedSite | undefined {
    if (this.site === undefined) return this.backend.sharedSite();
    const folder = `sites/${this.node.id}`;
    this.siteFiles ??= { folder, files: this.site.addTo(this, folder) };
    return this.siteFiles;
  }

  public override toResource() {
    return {
      type: 'BackupPool',
      name: this.node.id,
      properties: {
        backend: this.backend.backendName,
        activateWhen: this.backend.activateWhen,
        servers: this.node.children.flatMap((child) => (child instanceof WebServer ? [child.serverName] : [])),
      },
    };
  }

  public override checkTree(): void {
    if (!this.node.children.some((child) => child instanceof WebServer)) {
      Annotations.of(this).addError(
        'empty-backup-pool',
        `backup pool "${this.node.id}" has no server; add one: addServer('web3', { on: member })`,
      );
    }
  }
}
