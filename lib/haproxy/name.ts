/** Whether HAProxy takes this as name of a proxy or a server. */
export function isProxyName(name: string): boolean {
  return /^[A-Za-z0-9_.:-]{1,128}$/.test(name);
}

/** For messages: what `isProxyName` wants. */
export const PROXY_NAME_RULE = 'letters, digits, "-", "_", "." and ":"';
