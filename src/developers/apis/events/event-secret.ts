import { createHmac, randomBytes } from 'node:crypto';
import type { IssuedSecret } from '../../../platform/crypto/secrets.ts';
import type { Platform } from '../../../platform/platform.ts';

/** 256 random bits as Standard Webhooks writes secrets; they are needed to sign, so they are sealed, not digested. */
export function newEventSecret(): IssuedSecret {
  return { secret: `whsec_${randomBytes(32).toString('base64')}` };
}

export type SecretColumn = 'sealed_secret' | 'older_secret';

export function sealEventSecret(
  { vault }: Platform,
  targetId: string,
  column: SecretColumn,
  { secret }: IssuedSecret,
): string {
  return vault.seal(secret, { table: 'event_targets', column, row: targetId });
}

export function openEventSecret(
  { vault }: Platform,
  targetId: string,
  column: SecretColumn,
  sealed: string,
): IssuedSecret {
  return { secret: vault.open(sealed, { table: 'event_targets', column, row: targetId }).toString() };
}

/** What a message is signed with: the secret in force, and after a change the one before for a while. */
export interface SigningTarget {
  readonly id: string;
  readonly sealedSecret: string;
  readonly olderSecret: string | null;
  readonly olderUntil: Date | null;
}

/** The headers of Standard Webhooks: HMAC-SHA256 over id, time and body, one signature for each secret that is live. */
export function signedHeaders(
  platform: Platform,
  target: SigningTarget,
  { messageId, body }: { readonly messageId: string; readonly body: string },
): Record<string, string> {
  const now = platform.clock.now();
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const { id, sealedSecret, olderSecret, olderUntil } = target;
  const secrets = [openEventSecret(platform, id, 'sealed_secret', sealedSecret)];
  if (olderSecret !== null && olderUntil !== null && olderUntil > now) {
    secrets.push(openEventSecret(platform, id, 'older_secret', olderSecret));
  }
  const content = `${messageId}.${timestamp}.${body}`;
  return {
    'webhook-id': messageId,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((issued) => signatureOf(issued, content)).join(' '),
  };
}

function signatureOf({ secret }: IssuedSecret, content: string): string {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}
