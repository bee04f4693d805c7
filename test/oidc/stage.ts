import { createHash, randomBytes } from 'node:crypto';
import type { RunningServer } from '../../src/main.ts';
import { startTestServer } from '../support/server.ts';
import { type Page, Visitor } from '../support/visitor.ts';
import { type App, newApi, newPerson, type Notes, type Person, signIn } from '../support/world.ts';

/** A server with one API and one person, who is signed in in one browser. Apps are added by each test. */
export interface Stage {
  readonly server: RunningServer;
  readonly issuer: string;
  readonly api: Notes;
  readonly person: Person;
  readonly browser: Visitor;
}

export async function openStage(overrides: Parameters<typeof startTestServer>[0] = {}): Promise<Stage> {
  const server = await startTestServer(overrides);
  const api = await newApi(server.platform);
  const stage = { server, issuer: server.url, api };
  return { ...stage, ...(await anotherPerson(stage)) };
}

/** Somebody else in a browser of their own. A person signs in once: their code does not work again. */
export async function anotherPerson({
  server,
}: Pick<Stage, 'server'>): Promise<{ person: Person; browser: Visitor }> {
  const person = await newPerson(server.platform);
  const browser = new Visitor(server.url);
  await signIn(browser, person);
  return { person, browser };
}

export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

export function newPkce(verifier: string = randomBytes(32).toString('base64url')): Pkce {
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** Parameters of a request; undefined leaves one out that a sound request has, a list repeats it. */
export type Params = Readonly<Record<string, string | readonly string[] | undefined>>;

export function formOf(params: Params): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const one of typeof value === 'string' ? [value] : (value ?? [])) form.append(name, one);
  }
  return form;
}

/** The address of a sound authorization request, changed by `params`. */
export function authorizePath(
  { clientId, redirectUri }: App,
  params: Params = {},
  { challenge }: Pkce = newPkce(),
): string {
  const sound = {
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid notes:read',
    state: 'somewhere',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  };
  return `/authorize?${formOf({ ...sound, ...params })}`;
}

/** Sends a browser with a request and allows the app where the person is asked. Answers the last page. */
export async function authorize(
  { browser }: Pick<Stage, 'browser'>,
  app: App,
  params: Params = {},
  pkce: Pkce = newPkce(),
): Promise<Page> {
  const page = await browser.open(authorizePath(app, params, pkce));
  const asked = page.forms.some(({ buttons }) => buttons.some(({ text }) => text === 'Allow'));
  return asked ? browser.submit(page, 'Allow') : page;
}

export interface IssuedCode {
  readonly code: string;
  readonly verifier: string;
}

export async function codeFor(
  stage: Pick<Stage, 'browser'>,
  app: App,
  params: Params = {},
): Promise<IssuedCode> {
  const pkce = newPkce();
  const page = await authorize(stage, app, params, pkce);
  const code = page.location && new URL(page.location).searchParams.get('code');
  if (!code) throw new Error(`no code: ${page.status} ${page.location ?? page.text.slice(0, 300)}`);
  return { code, verifier: pkce.verifier };
}

/** An answer of an endpoint for machines. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body where it is JSON, else an empty object. */
  readonly body: Readonly<Record<string, unknown>>;
}

export async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const text = await response.text();
  const isJson = headers.get('Content-Type')?.includes('json') ?? false;
  return { status, headers, text, body: isJson ? (JSON.parse(text) as Answer['body']) : {} };
}

/** Whoever presents itself at an endpoint; an empty secret means a public client. */
export type Caller = Pick<App, 'clientId' | 'secret'>;

/** Posts a form as a client does: with Basic authentication, or as a public one with its id alone. */
export async function post(
  { issuer }: Pick<Stage, 'issuer'>,
  path: string,
  caller: Caller | undefined,
  params: Params,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const isPublic = caller?.secret === '';
  const body = formOf(isPublic ? { client_id: caller.clientId, ...params } : params);
  const basic: Record<string, string> = caller && !isPublic ? { Authorization: basicOf(caller) } : {};
  return answerOf(
    await fetch(new URL(path, issuer), { method: 'POST', headers: { ...basic, ...headers }, body }),
  );
}

export function basicOf({ clientId, secret }: Caller): string {
  return `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`;
}

/** Redeems a code as its own app would, changed by `params` and `headers`. */
export function redeem(
  stage: Pick<Stage, 'issuer'>,
  app: App,
  { code, verifier }: IssuedCode,
  params: Params = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const fields = {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: app.redirectUri,
  };
  return post(stage, '/token', app, { ...fields, ...params }, headers);
}

export function refresh(
  stage: Pick<Stage, 'issuer'>,
  app: Caller,
  token: string,
  params: Params = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return post(
    stage,
    '/token',
    app,
    { grant_type: 'refresh_token', refresh_token: token, ...params },
    headers,
  );
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
  readonly scope: string;
  readonly token_type: string;
  readonly expires_in: number;
}

/** What an app gets once a person has allowed it. */
export async function tokensFor(
  stage: Pick<Stage, 'browser' | 'issuer'>,
  app: App,
  params: Params = {},
): Promise<Tokens> {
  return issued(await redeem(stage, app, await codeFor(stage, app, params)));
}

/** The tokens in a successful answer. */
export function issued(answer: Answer): Tokens {
  if (answer.status !== 200) throw new Error(`no tokens: ${answer.status} ${answer.text}`);
  return answer.body as unknown as Tokens;
}

/** What an API or an app learns about a token, as the text it gets. */
export async function introspected(
  stage: Pick<Stage, 'issuer'>,
  caller: Caller,
  token: string,
): Promise<string> {
  return (await post(stage, '/token/introspection', caller, { token })).text;
}

export async function isActive(stage: Stage, token: string, caller: Caller = stage.api): Promise<boolean> {
  return (JSON.parse(await introspected(stage, caller, token)) as { active: boolean }).active;
}

/** The claims of a JWT, unverified. */
export function claimsOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

/** How many rows each table has that a protocol request could write to. */
export async function rowCounts({ server }: Stage): Promise<Record<string, number>> {
  const { pool } = server.platform;
  const counts: Record<string, number> = {};
  for (const table of ['artifacts', 'grants', 'consents', 'replays', 'audit_events', 'browser_sessions']) {
    const { rows } = await pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`);
    counts[table] = rows[0]?.count ?? 0;
  }
  return counts;
}
