import { findAccount } from '../../src/accounts/account.ts';
import { beginRegistration, registerPasskey } from '../../src/accounts/credentials/passkey-registration.ts';
import { newHandle } from '../../src/platform/crypto/secrets.ts';
import { newId } from '../../src/platform/ids.ts';
import type { Platform } from '../../src/platform/platform.ts';
import { type Asked, Authenticator } from './authenticator.ts';

/** An authenticator in software that holds a passkey of this account. */
export async function givePasskey(
  platform: Platform,
  accountId: string,
  options?: ConstructorParameters<typeof Authenticator>[1],
): Promise<Authenticator> {
  const account = await findAccount(platform, accountId);
  if (!account) throw new Error('no such account');
  const browser = newHandle('browser', platform.clock.now());
  const registrant = { account, sessionId: newId(), browser };
  const authenticator = new Authenticator(platform.config.issuer, options);
  const answer = authenticator.create((await beginRegistration(platform, registrant)) as Asked);
  const actor = { kind: 'account', id: accountId } as const;
  const outcome = await registerPasskey(platform, actor, registrant, { answer, unnamed: 'Passkey' });
  if (!outcome.ok) throw new Error(outcome.reason);
  return authenticator;
}
