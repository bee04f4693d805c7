import type { Actor } from '../../../audit/actor.ts';
import { recordEvent } from '../../../audit/trail.ts';
import { secondsAfter } from '../../../platform/clock.ts';
import type { IssuedSecret } from '../../../platform/crypto/secrets.ts';
import type { Platform } from '../../../platform/platform.ts';
import { type Refused, refused } from '../../../platform/refused.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import type { Said } from '../../../platform/words/text-keys.ts';
import { keepsSecrets } from '../app-types.ts';
import {
  type CredentialChange,
  type CredentialHolder,
  type HolderFault,
  holdForChange,
} from './credential-holders.ts';
import { tellOfCredential } from './credential-letters.ts';
import {
  FIRST_LABEL,
  issueSecret,
  liveOf,
  MOST_SECRETS,
  nameOf,
  type SecretView,
  NO_SECRETS,
} from './secrets.ts';

/** For how long a replaced secret goes on beside its successor, in seconds. */
export const OVERLAPS = { none: 0, hour: 3_600, day: 86_400, week: 7 * 86_400, month: 30 * 86_400 } as const;
export type Overlap = keyof typeof OVERLAPS;

export interface Rotation extends CredentialChange {
  /** The secret that is replaced; all live ones where none is named. */
  readonly secretId?: string | undefined;
  readonly overlap?: Overlap;
  /** Ends the old one before its time once it was silent for a day while the new one was used. */
  readonly endsWhenSilent?: boolean;
}

export type RotationOutcome =
  | { readonly ok: true; readonly issued: IssuedSecret; readonly oldUntil: Date }
  | Refused<HolderFault | 'auth-method' | 'secret' | 'replaced' | 'too-many'>;

/**
 * Issues a new secret in the place of one, or of all. The old one ends with the overlap, used or not: the end of a leak
 * has to be certain.
 */
export async function rotateSecret(
  platform: Platform,
  actor: Actor,
  input: Rotation,
): Promise<RotationOutcome> {
  return inTransaction(platform, async (tx): Promise<RotationOutcome> => {
    const held = await holdForChange(tx, actor, input, 'gives');
    if (!held.ok) return held;
    const { holder } = held;
    if (!keepsSecrets(holder.type)) return refused('auth-method', NO_SECRETS);
    const chosen = await secretsToReplace(tx, holder, input);
    if (!chosen.ok) return chosen;
    const label = chosen.secrets.at(0)?.label || FIRST_LABEL;
    const issued = await issueSecret(tx, actor, holder.clientId, { label, expiresAt: null });
    const oldUntil = await replace(tx, chosen.secrets, issued.id, input);
    const details = {
      secret: issued.id,
      replaces: chosen.secrets.map(({ id }) => id),
      until: oldUntil.toISOString(),
    };
    await recordEvent(tx, actor, 'client-secret.rotated', { kind: holder.kind, id: holder.id }, details);
    await tellOfCredential(
      tx,
      actor,
      holder,
      input,
      whatHappened(tx, chosen.secrets, issued.beginning, oldUntil),
    );
    return { ok: true, issued: { secret: issued.secret }, oldUntil };
  });
}

/** What is to be known of a secret that is replaced. */
type ReplacedSecret = Pick<SecretView, 'id' | 'label' | 'hint' | 'expiresAt'>;

type Chosen = { readonly ok: true; readonly secrets: readonly ReplacedSecret[] };

async function secretsToReplace(
  tx: Platform,
  { clientId }: CredentialHolder,
  { secretId, overlap = 'none' }: Rotation,
): Promise<Chosen | Refused<'secret' | 'replaced' | 'too-many'>> {
  const where = liveOf(clientId, tx.clock.now());
  const live = await tx.db.clientSecret.findMany({ where, orderBy: { id: 'desc' } });
  const secrets = secretId === undefined ? live : live.filter(({ id }) => id === secretId);
  if (secretId !== undefined) {
    const [secret] = secrets;
    if (!secret) return refused('secret', 'That secret has ended. Make a new one.');
    if (secret.replacedAt) return refused('replaced', 'That secret is being replaced already.');
  }
  if (OVERLAPS[overlap] > 0 && live.length >= MOST_SECRETS) {
    return refused(
      'too-many',
      `There are ${MOST_SECRETS} live secrets already. End one first, or rotate without an overlap.`,
    );
  }
  return { ok: true, secrets };
}

/** What was due to end sooner does. */
async function replace(
  { db, clock }: Platform,
  secrets: readonly ReplacedSecret[],
  successor: string,
  { holderId, overlap = 'none', endsWhenSilent = false }: Rotation,
): Promise<Date> {
  const now = clock.now();
  const until = secondsAfter(now, OVERLAPS[overlap]);
  for (const { id, expiresAt } of secrets) {
    await db.clientSecret.updateMany({
      where: { id, holderId },
      data: {
        replacedAt: now,
        replacedBy: successor,
        endsWhenSilent,
        warnedAt: null,
        expiresAt: expiresAt && expiresAt < until ? expiresAt : until,
      },
    });
  }
  return until;
}

function whatHappened(
  { clock }: Platform,
  [first]: readonly ReplacedSecret[],
  hint: string,
  until: Date,
): Said {
  if (!first) return { key: 'developer-letters.secret-issued', values: { label: FIRST_LABEL, hint } };
  const { label } = nameOf(first);
  if (until <= clock.now()) return { key: 'developer-letters.secret-rotated-now', values: { label, hint } };
  return { key: 'developer-letters.secret-rotated', values: { label, hint, until } };
}
