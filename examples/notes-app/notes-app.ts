// A web app of another company: it signs people in with Gatehouse and, if they allow it, reads their calendar.
// ISSUER_URL, CLIENT_ID, CLIENT_SECRET: who it is there. APP_URL: its own address. CALENDAR_URL: the API it reads.
import { randomBytes } from 'node:crypto';
import Router from '@koa/router';
import Koa, { type Context, type Next } from 'koa';
import * as oauth from 'openid-client';

const appUrl = new URL(setting('APP_URL'));
const calendar = new URL(setting('CALENDAR_URL'));
const issuer = new URL(setting('ISSUER_URL'));
const secret = oauth.ClientSecretBasic(setting('CLIENT_SECRET'));
const execute = issuer.protocol === 'http:' ? [oauth.allowInsecureRequests] : []; // http: on this machine only
const gatehouse = await oauth.discovery(issuer, setting('CLIENT_ID'), undefined, secret, { execute });

/** What the server keeps of a browser. Tokens stay here: the browser only ever holds a random cookie. */
interface Session {
  signIn?: { expectedState: string; expectedNonce: string; pkceCodeVerifier: string };
  tokens?: { access: string; refresh?: string | undefined; renewAt: number };
  person?: { name: string; idToken: string };
}
const sessions = new Map<string, Session>();
const router = new Router();

router.get('/', (ctx) => {
  const { person } = sessionOf(ctx);
  if (person) show(ctx, `Hello ${person.name}`, 'You are signed in. What shall the app do?');
  else show(ctx, 'Notes', 'Your notes, beside your meetings.');
});

router.get('/sign-in', async (ctx) => {
  const pkceCodeVerifier = oauth.randomPKCECodeVerifier();
  const signIn = { expectedState: oauth.randomState(), expectedNonce: oauth.randomNonce(), pkceCodeVerifier };
  startSession(ctx, { signIn });
  const request = oauth.buildAuthorizationUrl(gatehouse, {
    redirect_uri: new URL('/callback', appUrl).href,
    scope: 'openid profile calendar:read', // it only reads, so it asks for nothing more
    resource: calendar.origin, // the API that the token is for (RFC 8707)
    state: signIn.expectedState,
    nonce: signIn.expectedNonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  ctx.redirect(request.href);
});

router.get('/callback', async (ctx) => {
  const { signIn } = sessionOf(ctx);
  if (!signIn) return ctx.redirect('/');
  const answer = await oauth.authorizationCodeGrant(gatehouse, new URL(ctx.url, appUrl), signIn);
  const person = { name: String(answer.claims()?.name), idToken: answer.id_token ?? '' };
  startSession(ctx, { person, tokens: tokensOf(answer) });
  ctx.redirect('/');
});

router.get('/calendar', async (ctx) => {
  const events = (await (await askCalendar(ctx, 'GET')).json()) as { when: string; title: string }[];
  show(ctx, 'Your calendar', ...events.map(({ when, title }) => `${when}: ${title}`));
});

router.post('/events', async (ctx) => {
  await askCalendar(ctx, 'POST', JSON.stringify({ when: 'Friday', title: 'Tidy up the notes' }));
  show(ctx, 'Added', 'The event is in your calendar.');
});

router.post('/renewal', async (ctx) => {
  await renew(sessionOf(ctx));
  show(ctx, 'Renewed', 'The app has a new access token.');
});

router.post('/revocation', async (ctx) => {
  const { tokens } = sessionOf(ctx);
  // With the refresh token ends every access token it brought (RFC 7009 §2.1). Forget both in an app of yours:
  // this one keeps them to show that they are worth nothing any more.
  if (tokens) await oauth.tokenRevocation(gatehouse, tokens.refresh ?? tokens.access);
  show(ctx, 'Access given back', 'The app still holds its old token. Let it read the calendar once more.');
});

router.post('/sign-out', (ctx) => {
  const { person } = sessionOf(ctx);
  startSession(ctx, {});
  const there = { id_token_hint: person?.idToken ?? '', post_logout_redirect_uri: appUrl.href };
  ctx.redirect(person ? oauth.buildEndSessionUrl(gatehouse, there).href : '/');
});

/** Calls the API, with a new access token if the old one is about to end. Throws what the API refuses with. */
async function askCalendar(ctx: Context, method: string, body?: string): Promise<Response> {
  const session = sessionOf(ctx);
  if (session.tokens && session.tokens.renewAt < Date.now()) await renew(session);
  if (!session.tokens) throw new Error('You are not signed in. Sign in first.');
  const { access } = session.tokens;
  const headers = new Headers(body ? { 'content-type': 'application/json' } : {});
  return oauth.fetchProtectedResource(gatehouse, access, new URL('/events', calendar), method, body, headers);
}

async function renew(session: Session): Promise<void> {
  const refresh = session.tokens?.refresh;
  if (refresh) session.tokens = { refresh, ...tokensOf(await oauth.refreshTokenGrant(gatehouse, refresh)) };
}

function tokensOf(answer: oauth.TokenEndpointResponse) {
  const { access_token: access, refresh_token: refresh, expires_in: seconds = 60 } = answer;
  return { access, ...(refresh && { refresh }), renewAt: Date.now() + (seconds - 30) * 1000 };
}

function sessionOf(ctx: Context): Session {
  return sessions.get(ctx.cookies.get('notes_session') ?? '') ?? {};
}

/** A new session under a new cookie; the old one is forgotten. */
function startSession(ctx: Context, session: Session): void {
  sessions.delete(ctx.cookies.get('notes_session') ?? '');
  const handle = randomBytes(32).toString('base64url');
  sessions.set(handle, session);
  ctx.cookies.set('notes_session', handle, { httpOnly: true, sameSite: 'lax' });
}

/** One line of JSON for each answer: no query, because that is where the code is. Refusals become a page. */
async function answer(ctx: Context, next: Next): Promise<void> {
  try {
    if (ctx.method === 'POST' && ctx.get('origin') !== appUrl.origin) ctx.throw(403, 'Sent from another site.');
    await next();
  } catch (error) {
    const { cause } = error as { cause?: [{ parameters: Record<string, string> }] };
    const refusal = error instanceof oauth.WWWAuthenticateChallengeError ? error.cause[0]?.parameters : undefined;
    ctx.status = 502;
    show(ctx, 'That was refused', ...[])
  }
  process.stdout.write(`${JSON.stringify({ method: ctx.method, path: ctx.path, status: ctx.status })}\n`);
}

function show(ctx: Context, title: string, ...lines: string[]): void {
  const { person } = sessionOf(ctx);
}
function setting(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`Set ${name}.`);
}
