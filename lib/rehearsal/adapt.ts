/** Where things are in a rehearsal, as `127.0.0.1:port`. */
export interface Places {
  /** What each frontend binds, by its name. */
  readonly frontends: Readonly<Record<string, string>>;
  /** Where each server is, by its name. */
  readonly servers: Readonly<Record<string, string>>;
}

export interface Adapted {
  readonly text: string;
  /** Frontends whose `bind` was adapted. */
  readonly bound: readonly string[];
  /** Environment variables that take the hash of a password. */
  readonly secrets: readonly string[];
}

/** What only a machine of the tree has: its log, its user, its place for the socket. */
const MACHINES_OWN = /^ +(?:log \/dev\/log .*|stats socket .*)$/;
const ROOTS_OWN = /^ +(?:chroot|user|group) [^ ]+$/;

/**
 * A synthesised haproxy.cfg for this host. Each line stays on its line, so that what HAProxy says of one can be traced to its
 * construct; raw text of the user's stays as it is.
 */
export function adaptConfiguration(text: string, { frontends, servers }: Places, asRoot: boolean, hashed: boolean): Adapted {
  const bound: string[] = [];
  const secrets: string[] = [];
  let section = ['', ''];
  let isRaw = false;
  const lines = text.split('\n').map((line) => {
    if (/^ *# raw, from /.test(line)) isRaw = true;
    else if (/^ *# end of raw$/.test(line)) isRaw = false;
    if (isRaw) return line;
    if (/^\w/.test(line)) section = line.split(' ');
    const [keyword, name = ''] = section;
    const left = keyword === 'global' && (MACHINES_OWN.test(line) || (!asRoot && ROOTS_OWN.test(line)));
    if (left) return line.replace(/^ +/, '$&# not in a rehearsal: ');
    const address = keyword === 'frontend' ? frontends[name] : undefined;
    const [, bind, options] = /^( +bind )\*:\d+( .*)?$/.exec(line) ?? [];
    if (bind !== undefined && address !== undefined) {
      bound.push(name);
      return `${bind}${address}${options ?? ''}`;
    }
    const [, server, serverName = '', rest] = /^( +server ([^ ]+) )[^ ]+(.*)$/.exec(line) ?? [];
    if (server !== undefined && servers[serverName] !== undefined) return `${server}${servers[serverName]}${rest}`;
    const [, user, secret] = /^( +user [^ ]+) password "\$\{(\w+)\}"$/.exec(line) ?? [];
    if (user === undefined || secret === undefined) return line;
    secrets.push(secret);
    return hashed ? line : `${user} insecure-password "\${${secret}}"`;
  });
  return { text: lines.join('\n'), bound, secrets };
}

/** What a rehearsal's HAProxy is told before the synthesised configuration. */
export function preamble(socket: string): string {
  return `# This rehearsal's own socket. Two of HAProxy never share a port, and a host with few file descriptors will do.
global
    stats socket "${socket}" mode 600 level admin
    noreuseport
    no strict-limits
`;
}
