// An API behind Gatehouse: apps come with an access token, and for each call it asks Gatehouse what that token is.
// ISSUER_URL, CLIENT_ID, CLIENT_SECRET: who it is there. API_URL: its own address, which is its identifier too.
// BEHIND_GATEWAY: the gateway of examples/gateway has asked already, and nobody else can reach this program.
import Router from '@koa/router';
import Koa, { type Context, type Next } from 'koa';

const { ISSUER_URL = '', CLIENT_ID = '', CLIENT_SECRET = '', API_URL = '', BEHIND_GATEWAY } = process.env;
const introspection = BEHIND_GATEWAY ? '' : await introspectionEndpoint();
const credentials = Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64');

interface CalendarEvent {
  day: string;
  title: string;
}

/** Each person's events by subject, which is the same whatever app comes for that person. */
const calendars = new Map<string, CalendarEvent[]>();

const router = new Router();

router.get('/events', needs('calendar:read'), (ctx) => {
  ctx.body = eventsOf(ctx);
});

router.post('/events', needs('calendar:write'), async (ctx) => {
  const event = await readEvent(ctx);
  if (!event) return refuse(ctx, 400, 'invalid_request', 'Send JSON with a day and a title.');
  eventsOf(ctx).push(event);
  ctx.status = 201;
  ctx.body = event;
});

/** Lets a request through whose access token is alive, is meant for this API and holds the scope. */
function needs(scope: string) {
  return async (ctx: Context, next: Next) => {
    if (BEHIND_GATEWAY) {
      ctx.state.owner = ctx.get('Gatehouse-Subject') || ctx.get('Gatehouse-Client');
      return next();
    }
    const [, presented] = /^Bearer +([\w.~+/-]+=*)$/i.exec(ctx.get('Authorization')) ?? [];
    // Without a token the answer only says which kind is wanted (RFC 6750 §3.1).
    if (!presented) return refuse(ctx, 401);
    const token = await introspect(presented);
    if (!token.active || token.aud !== API_URL)
      return refuse(
        ctx,
        401,
        'invalid_token',
        'The access token is unknown, has ended, or is not for this API.',
      );
    const held = token.scope?.split(' ') ?? [];
    if (!held.includes(scope))
      return refuse(
        ctx,
        403,
        'insufficient_scope',
        `This needs the scope ${scope}. The app only has ${held.join(' ')}.`,
        scope,
      );
    ctx.state.owner = token.sub ?? token.client_id; // a person, or an app that comes for itself
    await next();
  };
}

interface Token {
  active: boolean;
  aud?: string;
  scope?: string;
  sub?: string;
  client_id?: string;
}

async function introspectionEndpoint(): Promise<string> {
  const discovery = await fetch(new URL('/.well-known/oauth-authorization-server', ISSUER_URL));
  return String(((await discovery.json()) as Record<string, string>).introspection_endpoint);
}

/** Asks Gatehouse about a token (RFC 7662). Nothing is kept, so a token that was ended is refused at once. */
async function introspect(token: string): Promise<Token> {
  const answer = await fetch(introspection, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ token }),
  });
  if (!answer.ok) throw new Error(`Gatehouse answered ${answer.status} to an introspection`);
  return (await answer.json()) as Token;
}

/** The refusal of RFC 6750 §3, in the header for programs and in the body for people. */
function refuse(ctx: Context, status: number, error?: string, sentence?: string, scope?: string): void {
  const parameters = Object.entries({ error, error_description: sentence, scope })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${value}"`);
  ctx.status = status;
  ctx.set('WWW-Authenticate', `Bearer${parameters.join(',')}`);
  ctx.body = { error, error_description: sentence };
}

function eventsOf(ctx: Context): CalendarEvent[] {
  const known = calendars.get(ctx.state.owner);
  if (known) return known;
  calendars.set(ctx.state.owner, [
    { day: 'Monday', title: 'Planning, 10:00 in the blue room' },
    { day: 'Tuesday', title: 'Lunch with Ada' },
    { day: 'Thursday', title: 'Dentist, 16:30' },
  ]);
  return eventsOf(ctx);
}

async function readEvent(ctx: Context): Promise<CalendarEvent | undefined> {
  let json = '';
  for await (const chunk of ctx.req.setEncoding('utf8')) {
    json += chunk;
    if (json.length > 1000) return undefined;
  }
  try {
    const { day, title } = JSON.parse(json);
    return typeof day === 'string' && typeof title === 'string' ? { day, title } : undefined;
  } catch {
    return undefined;
  }
}

/** One line of JSON for each answer. */
async function log(ctx: Context, next: Next): Promise<void> {
  await next();
  process.stdout.write(`${JSON.stringify({ method: ctx.method, path: ctx.path, status: ctx.status })}\n`);
}

const server = new Koa()
  .use(log)
  .use(router.routes())
  .listen(Number(new URL(API_URL).port), '127.0.0.1');
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close().closeAllConnections());
