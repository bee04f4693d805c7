import { steadyAnswer } from '../accounts/steady-answer.ts';
import type { Engine } from '../oidc/provider.ts';
import { Refusal } from '../platform/errors.ts';
import type { Platform } from '../platform/platform.ts';
import type { Context, Handler } from '../platform/web/context.ts';
import { readBytes } from '../platform/web/urlencoded.ts';
import { receiveReport } from './security-events.ts';
import { type SetFault, setFault } from './security-event-token.ts';

const LARGEST_SET = 16 * 1024;

/** POST /security-events (RFC 8935 §2): 202 with nothing in it, or 400 or 429 with what is wrong. */
export function submitSecurityEvent(platform: Platform, engine: Engine): Handler {
  return async (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    const text = await setIn(ctx);
    if (text === undefined) return answerFault(ctx, UNREADABLE);
    // As long where the token is known as where it is not.
    const received = await steadyAnswer(receiveReport(platform, engine, text));
    if (!received.ok) return answerFault(ctx, received);
    // Koa makes 204 of an empty body.
    ctx.body = null;
    ctx.status = 202;
  };
}

const UNREADABLE = setFault(
  'invalid_request',
  `Send one SET of at most ${LARGEST_SET} bytes with Content-Type: application/secevent+jwt.`,
);

/** undefined for anything but a SET of a size that one has. */
async function setIn(ctx: Context): Promise<string | undefined> {
  const [type = ''] = ctx.get('Content-Type').toLowerCase().split(';');
  if (type.trim() !== 'application/secevent+jwt' || ctx.get('Content-Encoding') !== '') {
    ctx.req.resume();
    return undefined;
  }
  try {
    return (await readBytes(ctx, LARGEST_SET)).toString('latin1').trim();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function answerFault(ctx: Context, { err, description, retryAfterSeconds }: SetFault): void {
  ctx.status = retryAfterSeconds === undefined ? 400 : 429;
  if (retryAfterSeconds !== undefined) ctx.set('Retry-After', String(retryAfterSeconds));
  ctx.set('Content-Language', 'en');
  ctx.body = { err, description };
}
