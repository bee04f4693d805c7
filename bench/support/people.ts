import { Visitor } from '../../test/support/visitor.ts';
import { signIn, type Person } from '../../test/support/world.ts';
import type { Connections } from './http.ts';
import { authorizePath, type Party, REDIRECT_URI, type Target } from './target.ts';

export type { Person };

/** The Cookie header of a browser that is signed in. The bare engine signs in whoever comes to authorize. */
export async function signedInBrowser(target: Target): Promise<string> {
  const site = `http://${target.place.host}`;
  const visitor = new Visitor(site);
  if (target.person) {
    const arrived = await signIn(visitor, target.person);
    if (new URL(arrived.url).pathname !== '/account') throw new Error(`not signed in: ${arrived.text}`);
  }
  await visitor.open(authorizePath(target, target.web));
  return visitor.cookies.headerFor(new URL('/authorize', site));
}

/** An authorization code for an app that needs no consent, from the authorize endpoint. */
export async function authorizationCode(
  connections: Connections,
  cookie: string,
  target: Target,
  client: Party,
): Promise<string> {
  const path = authorizePath(target, client);
  const { status, headers, text } = await connections.send({ method: 'GET', path, headers: { cookie } });
  const { location = '' } = headers;
  const code = location.startsWith(REDIRECT_URI) ? new URL(location).searchParams.get('code') : undefined;
  if (code) return code;
  throw new Error(`no code but ${status} ${location || text.slice(0, 300)}`);
}
