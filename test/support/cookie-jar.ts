interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly host: string;
  readonly path: string;
  readonly secure: boolean;
}

/** Cookies as a browser keeps them: by host whatever the port, by path, and gone once expired. */
export class CookieJar {
  #cookies: Cookie[] = [];

  /** Every cookie by name, whatever its path. */
  all(): Map<string, string> {
    return new Map(this.#cookies.map(({ name, value }) => [name, value]));
  }

  /** Sets or, with an undefined value, removes a cookie by hand. */
  set(url: string, name: string, value: string | undefined): void {
    const { hostname: host, protocol } = new URL(url);
    this.#cookies = this.#cookies.filter((cookie) => cookie.name !== name || cookie.host !== host);
    if (value !== undefined)
      this.#cookies.push({ name, value, host, path: '/', secure: protocol === 'https:' });
  }

  take(url: URL, headers: readonly string[]): void {
    for (const header of headers) {
      const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
      const split = pair.indexOf('=');
      const named = new Map(
        attributes.map((text) => [text.split('=')[0]?.toLowerCase() ?? '', text.split('=')[1] ?? '']),
      );
      const path = named.get('path') || '/';
      const cookie = {
        name: pair.slice(0, split),
        value: pair.slice(split + 1),
        host: url.hostname,
        path,
        secure: named.has('secure'),
      };
      this.#cookies = this.#cookies.filter(
        ({ name, host, path }) => name !== cookie.name || host !== cookie.host || path !== cookie.path,
      );
      if (!isOver(named)) this.#cookies.push(cookie);
    }
  }

  headerFor(url: URL): string {
    return this.#cookies
      .filter(
        ({ host, path, secure }) =>
          host === url.hostname && covers(path, url.pathname) && (!secure || isTrusted(url)),
      )
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }
}

function isOver(attributes: ReadonlyMap<string, string>): boolean {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined) return Number(maxAge) <= 0;
  const expires = attributes.get('expires');
  return expires !== undefined && new Date(expires).getTime() <= Date.now();
}

function covers(path: string, pathname: string): boolean {
  return path === '/' || pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
}

/** Browsers send Secure cookies to localhost too. */
function isTrusted({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || hostname === 'localhost';
}
