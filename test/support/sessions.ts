import { completeSession } from '../../src/accounts/sign-in/complete-session.ts';
import { type LiveSession, loadHalfSession, startSession } from '../../src/accounts/sessions/sessions.ts';
import type { Platform } from '../../src/platform/platform.ts';

/** A browser that has proven both factors, without the forms. */
export async function newSession(platform: Platform, accountId: string): Promise<LiveSession> {
  const actor = { kind: 'account', id: accountId } as const;
  const origin = { userAgent: 'test', address: '127.0.0.1' };
  const { secret } = await startSession(platform, actor, { accountId, origin });
  const half = await loadHalfSession(platform, secret);
  const completed = half && (await completeSession(platform, actor, { half, factor: 'otp' }));
  if (!completed) throw new Error('the session was not completed');
  return completed.session;
}
