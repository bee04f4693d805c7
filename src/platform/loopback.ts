/** Whether the host of a URL, as `URL.hostname` spells it, is the visitor's own machine (RFC 8252 §7.3, §8.3). */
export function isLoopbackHost(hostname: string): boolean {
  return LOOPBACK_HOSTS.has(hostname);
}

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
