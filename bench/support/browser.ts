import { generateSync } from 'otplib';
import type { Answer, Call, Connections, Place } from './http.ts';
import { authorizePath, type Party, type Person, REDIRECT_URI, type Target } from './target.ts';

export interface Page extends Answer {
  readonly path: string;
}

/** A visitor without scripts: keeps cookies, follows redirects within the server, fills in forms. */
export interface Browser {
  readonly cookies: Map<string, string>;
  /** One request with the cookies, its redirect not followed. */
  send(call: Call, place?: Place): Promise<Answer>;
  /** Follows redirects until a page, or until the server sends the visitor elsewhere (then status 3xx). */
  walk(call: Call): Promise<Page>;
}

const MOST_STEPS = 20;

export function openBrowser(connections: Connections, { host }: Place): Browser {
  const cookies = new Map<string, string>();
  const send = async (call: Call, place?: Place) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = cookie === '' ? call.headers : { ...call.headers, cookie };
    const answer = await connections.send({ ...call, ...(headers && { headers }) }, place);
    for (const line of answer.headers['set-cookie'] ?? []) keepCookie(cookies, line);
    return answer;
  };
  const walk = async (first: Call): Promise<Page> => {
    let call = first;
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const answer = await send(call);
      const { location } = answer.headers;
      const next = location === undefined ? undefined : new URL(location, `http://${host}${call.path}`);
      if (!next || answer.status < 300 || answer.status > 399 || next.host !== host) {
        return { ...answer, path: call.path };
      }
      call = { method: 'GET', path: next.pathname + next.search };
    }
    throw new Error(`the server redirects without end, last to ${call.path}`);
  };
  return { cookies, send, walk };
}

function keepCookie(cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';');
  const [name = '', value = ''] = pair.split(/=(.*)/s, 2);
  const expires = attributes.find((attribute) => /^\s*expires=/i.test(attribute))?.split('=')[1];
  if (value === '' || (expires !== undefined && Date.parse(expires) < Date.now())) cookies.delete(name);
  else cookies.set(name, value);
}

/** The first form of a page, with its hidden fields as they stand and `fields` filled in. */
export function filledForm(page: Page, fields: Readonly<Record<string, string>>): Call {
  const form = /<form\b([^>]*)>(.*?)<\/form>/is.exec(page.text);
  if (!form) throw new Error(`there is no form on ${page.path} (${page.status}): ${page.text.slice(0, 300)}`);
  const [, opening = '', inside = ''] = form;
  const values = new URLSearchParams();
  for (const [input] of inside.matchAll(/<input\b[^>]*>/gis)) {
    const name = attributeOf(input, 'name');
    const value = (name !== undefined && fields[name]) || attributeOf(input, 'value');
    if (name !== undefined) values.set(name, value ?? '');
  }
  const path = attributeOf(opening, 'action') ?? page.path;
  return { method: 'POST', path, form: `${values}` };
}

function attributeOf(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(tag)?.[1];
  return value?.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}

/** The code that the person's authenticator app shows now. */
export function oneTimeCode({ seed }: Person): string {
  return generateSync({ secret: seed });
}

/** Proves the password and stops at the form for the second factor. */
export async function startSignIn(browser: Browser, { email, password }: Person): Promise<Page> {
  const form = await browser.walk({ method: 'GET', path: '/sign-in' });
  const page = await browser.walk(filledForm(form, { email, password }));
  if (!page.path.startsWith('/sign-in/second-factor') || page.status !== 200) {
    throw new Error(`the password of ${email} was not accepted (${page.status} at ${page.path})`);
  }
  return page;
}

export async function signIn(browser: Browser, person: Person): Promise<void> {
  const page = await startSignIn(browser, person);
  const arrived = await browser.walk(filledForm(page, { code: oneTimeCode(person) }));
  if (arrived.status !== 200 || !arrived.path.startsWith('/account')) {
    throw new Error(`the one-time code of ${person.email} was not accepted (${arrived.status})`);
  }
}

/** A code for an app that needs no consent, from the authorize endpoint, for whoever is signed in. */
export async function authorizationCode(browser: Browser, target: Target, client: Party): Promise<string> {
  const page = await browser.walk({ method: 'GET', path: authorizePath(target, client) });
  const { location = '' } = page.headers;
  const code = location.startsWith(REDIRECT_URI) ? new URL(location).searchParams.get('code') : undefined;
  if (code) return code;
  throw new Error(
    `no code from ${page.path.slice(0, 80)}: ${page.status} ${location || page.text.slice(0, 300)}`,
  );
}
