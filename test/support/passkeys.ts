import { findAccount } from '../../src/accounts/account.ts';
import { beginRegistration, registerPasskey } from '../../src/accounts/credentials/passkey-registration.ts';
import { endSession, loadHalfSession, startSession } from '../../src/accounts/sessions/sessions.ts';
import { newHandle } from '../../src/platform/crypto/secrets.ts';
import type { Platform } from '../../src/platform/platform.ts';
import { type Asked, Authenticator, type AuthenticatorOptions } from './authenticator.ts';

/** An authenticator in software that holds a passkey of this account. */
export async function givePasskey(
  platform: Platform,
  accountId: string,
  options?: AuthenticatorOptions,
): Promise<Authenticator> {
  const account = await findAccount(platform, accountId);
  if (!account) throw new Error('no such account');
  const browser = newHandle('browser', platform.clock.now());
  const actor = { kind: 'account', id: accountId } as const;
  const origin = { userAgent: 'a browser of the test', address: '127.0.0.1' };
  const { secret } = await startSession(platform, actor, { accountId, origin });
  const session = await loadHalfSession(platform, secret);
  if (!session) throw new Error('the session is gone');
  const registrant = { account, sessionId: session.id, browser };
  const authenticator = new Authenticator(platform.config.issuer, options);
  const answer = authenticator.create((await beginRegistration(platform, registrant)) as Asked);
  const outcome = await registerPasskey(platform, actor, registrant, { answer, unnamed: 'Passkey' });
  await endSession(platform, actor, session.id);
  if (!outcome.ok) throw new Error(outcome.reason);
  return authenticator;
}
