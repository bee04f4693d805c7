import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { completeSession } from '../../src/accounts/sign-in/complete-session.ts';
import { hashPassword } from '../../src/accounts/credentials/password.ts';
import { loadHalfSession, startSession } from '../../src/accounts/sessions/sessions.ts';
import type { Platform } from '../../src/platform/platform.ts';
import type { App } from '../../test/support/world.ts';
import { insertPerson } from './crowd.ts';
import { type Answer, jsonOf } from './http.ts';
import { callAs, type MisuseGround } from './misuse-ground.ts';
import { many, type Tokens } from './tokens.ts';

/** Tokens of so many people for an app that needs no consent; each person lives at an address of their own. */
export async function tokensOfPeople(ground: MisuseGround, app: App, count: number): Promise<Tokens[]> {
  const phc = await hashPassword(ground.platform, 'violet kettle under moss');
  return many(count, async (number) => {
    const name = `${app.clientId.slice(-6)}-${number}`;
    const { id } = await insertPerson(ground.platform, name, phc);
    return tokensFor(ground, app, await signedInCookie(ground.platform, id), `100.65.${number}.10`);
  });
}

/** Of somebody who has proven both factors, without the forms. */
async function signedInCookie(platform: Platform, accountId: string): Promise<string> {
  const actor = { kind: 'account', id: accountId } as const;
  const origin = { userAgent: 'bench', address: '127.0.0.1' };
  const { secret } = await startSession(platform, actor, { accountId, origin });
  const half = await loadHalfSession(platform, secret);
  const completed = half && (await completeSession(platform, actor, { half, factor: 'otp' }));
  if (!completed) throw new Error('the session was not completed');
  return `gatehouse_session=${completed.handle.secret}`;
}

async function tokensFor(ground: MisuseGround, app: App, cookie: string, from: string): Promise<Tokens> {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: app.clientId,
    response_type: 'code',
    redirect_uri: app.redirectUri,
    scope: 'openid notes:read offline_access',
    state: 'bench',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const asked = await whenNotBusy(() =>
    ground.send({ method: 'GET', path: `/authorize?${query}`, headers: { cookie } }, from),
  );
  const code = new URL(asked.headers.location ?? 'about:blank').searchParams.get('code');
  if (!code)
    throw new Error(`no code: ${asked.status} ${asked.headers.location} ${asked.text.slice(0, 200)}`);
  const fields = { code, redirect_uri: app.redirectUri, code_verifier: verifier };
  const answer = await ground.send(
    callAs(app, '/token', { grant_type: 'authorization_code', ...fields }),
    from,
  );
  const { access_token: access, refresh_token: refresh } = jsonOf(answer);
  if (typeof access !== 'string' || typeof refresh !== 'string') throw new Error(`no tokens: ${answer.text}`);
  return { access, refresh };
}

/** A browser that is told to come back in a moment does. */
async function whenNotBusy(send: () => Promise<Answer>): Promise<Answer> {
  for (let times = 0; times < 20; times += 1) {
    const answer = await send();
    if (answer.status !== 503) return answer;
    await sleep(Number(answer.headers['retry-after'] ?? 1) * 1000);
  }
  return send();
}
