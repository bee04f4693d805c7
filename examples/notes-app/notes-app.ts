// A web app of another company: it signs people in with Gatehouse and, if they allow it, reads their calendar.
// ISSUER_URL, CLIENT_ID, CLIENT_SECRET: who it is there. APP_URL: its own address. CALENDAR_URL: the API it reads.
import { randomBytes } from 'node:crypto';
import Router from '@koa/router';
import Koa, { type Context, type Next } from 'koa';
import * as oauth from 'openid-client';
import { page } from './page.ts';

const { ISSUER_URL = '', CLIENT_ID = '', CLIENT_SECRET, APP_URL = '', CALENDAR_URL = '' } = process.env;
const appUrl = new URL(APP_URL);
const secret = oauth.ClientSecretBasic(CLIENT_SECRET);
const execute = ISSUER_URL.startsWith('http:') ? [oauth.allowInsecureRequests] : []; // http: on this machine only
const gatehouse = await oauth.discovery(new URL(ISSUER_URL), CLIENT_ID, undefined, secret, { execute });

/** What the server keeps of a browser. Tokens stay here: the browser only ever holds a random cookie. */
interface Session {
  signIn?: { expectedState: string; expectedNonce: string; pkceCodeVerifier: string };
  tokens?: oauth.TokenEndpointResponse & oauth.TokenEndpointResponseHelpers;
  refreshToken?: string | undefined;
  idToken?: string | undefined;
  name?: string;
}
const sessions = new Map<string, Session>();
const router = new Router();

router.get('/', (ctx) => show(ctx, 'Notes', 'Your notes, beside your meetings.'));

router.get('/sign-in', async (ctx) => {
  const pkceCodeVerifier = oauth.randomPKCECodeVerifier();
  const signIn = { expectedState: oauth.randomState(), expectedNonce: oauth.randomNonce(), pkceCodeVerifier };
  startSession(ctx, { signIn });
  const request = oauth.buildAuthorizationUrl(gatehouse, {
    redirect_uri: new URL('/callback', appUrl).href,
    scope: 'openid profile calendar:read', // it only reads, so it asks for nothing more
    resource: CALENDAR_URL, // the API that the token is for (RFC 8707)
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
  const tokens = await oauth.authorizationCodeGrant(gatehouse, new URL(ctx.url, appUrl), signIn);
  const { refresh_token: refreshToken, id_token: idToken } = tokens;
  startSession(ctx, { tokens, refreshToken, idToken, name: String(tokens.claims()?.name) });
  ctx.redirect('/');
});

router.get('/calendar', async (ctx) => {
  const events = (await (await askCalendar(ctx, 'GET')).json()) as { day: string; title: string }[];
  show(ctx, 'Your calendar', ...events.map(({ day, title }) => `${day}: ${title}`));
});

router.post('/events', async (ctx) => {
  await askCalendar(ctx, 'POST', JSON.stringify({ day: 'Friday', title: 'Tidy up the notes' }));
  show(ctx, 'Added', 'The event is in your calendar.');
});

router.post('/revocation', async (ctx) => {
  const { tokens, refreshToken } = sessionOf(ctx);
  // With the refresh token end all access tokens it brought (RFC 7009 §2.1). In an app of yours, forget them now:
  // this one keeps its access token to show that it is worth nothing any more.
  if (tokens) await oauth.tokenRevocation(gatehouse, refreshToken ?? tokens.access_token);
  show(ctx, 'Access given back', 'The app still holds its old token. Let it read the calendar once more.');
});

router.post('/sign-out', (ctx) => {
  const { idToken = '' } = sessionOf(ctx);
  startSession(ctx, {}); // here first, then at Gatehouse
  const there = { id_token_hint: idToken, post_logout_redirect_uri: appUrl.href };
  ctx.redirect(oauth.buildEndSessionUrl(gatehouse, there).href);
});

/** Calls the API, with a fresh access token if the old one is about to end. Throws what the API refuses with. */
async function askCalendar(ctx: Context, method: string, body?: string): Promise<Response> {
  const session = sessionOf(ctx);
  if (!session.tokens) throw new Error('Sign in first.');
  if (session.refreshToken && (session.tokens.expiresIn() ?? 60) < 30) {
    session.tokens = await oauth.refreshTokenGrant(gatehouse, session.refreshToken);
    session.refreshToken = session.tokens.refresh_token ?? session.refreshToken;
  }
  const url = new URL('/events', CALENDAR_URL);
  return oauth.fetchProtectedResource(gatehouse, session.tokens.access_token, url, method, body);
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

function show(ctx: Context, title: string, ...lines: string[]): void {
  ctx.body = page(title, lines, sessionOf(ctx).name);
}

/** Shows why Gatehouse or the API refused: a challenge in a header (RFC 6750 §3), or an OAuth error. */
async function answer(ctx: Context, next: Next): Promise<void> {
  try {
    if (ctx.method === 'POST' && ctx.get('Origin') !== appUrl.origin) ctx.throw('Sent from another site.');
    await next();
  } catch (error) {
    const challenge = error instanceof oauth.WWWAuthenticateChallengeError ? error : undefined;
    const reason = challenge?.cause[0]?.parameters ?? (error as Record<string, string>);
    if (challenge?.status === 401) startSession(ctx, {}); // the token is over, so whoever it was signs in anew
    ctx.status = 400;
    show(ctx, 'That was refused', reason.error_description ?? String(error), reason.error ?? '');
  }
  // No query in the log, because that is where the code is.
  process.stdout.write(`${JSON.stringify({ method: ctx.method, path: ctx.path, status: ctx.status })}\n`);
}

const server = new Koa().use(answer).use(router.routes()).listen(Number(appUrl.port), '127.0.0.1');
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close().closeAllConnections());
