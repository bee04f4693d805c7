import { recordEvent } from '../../../audit/trail.ts';
import type { Actor } from '../../../audit/actor.ts';
import type { Platform } from '../../../platform/platform.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import { type CredentialHolder, findHolder } from './credential-holders.ts';
import { tellOfCredential, tellOfUseBeforeEnd } from './credential-letters.ts';
import { nameOf } from './secrets.ts';

interface EndingSecret {
  readonly id: string;
  readonly holderId: string;
  readonly label: string;
  readonly hint: string;
  readonly expiresAt: Date;
}

const RETIRER: Actor = { kind: 'job', id: 'end-silent-secrets' };

const MOST_AT_ONCE = 100;

/**
 * Job: ends replaced secrets before their time, where that was chosen, once they were silent for a day while their
 * successor was used. Uses are written a few seconds late, which a day forgives. Answers how many it ended.
 */
export async function endSilentSecrets(platform: Platform): Promise<number> {
  const { clock } = platform;
  return inTransaction(platform, async (tx) => {
    const now = clock.now();
    const ended = await tx.db.$queryRaw<EndingSecret[]>`
      WITH silent AS MATERIALIZED (
        SELECT s.id FROM client_secrets s JOIN client_secrets n ON n.id = s.replaced_by::uuid
         WHERE s.ends_when_silent AND s.expires_at > ${now}
           AND GREATEST(s.replaced_at, s.last_used_at) <= ${now}::timestamptz - interval '1 day'
           AND n.last_used_at > ${now}::timestamptz - interval '1 day'
         ORDER BY s.id LIMIT ${MOST_AT_ONCE} FOR UPDATE OF s SKIP LOCKED)
      UPDATE client_secrets s SET expires_at = ${now} FROM silent WHERE s.id = silent.id
      RETURNING s.id::text, s.holder_id AS "holderId", s.label, s.hint, s.expires_at AS "expiresAt"`;
    for (const secret of ended) {
      await withHolder(tx, secret, async (holder) => {
        const details = { secret: secret.id, label: secret.label, silent: true };
        await recordEvent(tx, RETIRER, 'client-secret.ended', { kind: holder.kind, id: holder.id }, details);
        const what = { key: 'developer-letters.secret-ended-silent', values: nameOf(secret) } as const;
        await tellOfCredential(tx, RETIRER, holder, {}, what);
      });
    }
    return ended.length;
  });
}

/**
 * Job: one letter for each secret that was used in the last quarter of its time, or of its overlap. Answers how many
 * secrets it warned of.
 */
export async function warnOfEndingSecrets(platform: Platform): Promise<number> {
  const { clock } = platform;
  return inTransaction(platform, async (tx) => {
    const now = clock.now();
    const used = await tx.db.$queryRaw<EndingSecret[]>`
      WITH used AS MATERIALIZED (
        SELECT id FROM client_secrets
         WHERE expires_at > ${now} AND warned_at IS NULL
           AND last_used_at >= expires_at - (expires_at - coalesce(replaced_at, created_at)) / 4
         ORDER BY id LIMIT ${MOST_AT_ONCE} FOR UPDATE SKIP LOCKED)
      UPDATE client_secrets s SET warned_at = ${now} FROM used WHERE s.id = used.id
      RETURNING s.id::text, s.holder_id AS "holderId", s.label, s.hint, s.expires_at AS "expiresAt"`;
    for (const secret of used) {
      await withHolder(tx, secret, async (holder) => {
        const what = { key: 'developer-letters.secret-still-used', values: nameOf(secret) } as const;
        await tellOfUseBeforeEnd(tx, holder, secret.expiresAt, what);
      });
    }
    return used.length;
  });
}

/** Secrets of an app that is gone are nobody's news. */
async function withHolder(
  tx: Platform,
  { holderId }: EndingSecret,
  tell: (holder: CredentialHolder) => Promise<void>,
): Promise<void> {
  const holder = await findHolder(tx, holderId);
  if (holder) await tell(holder);
}
