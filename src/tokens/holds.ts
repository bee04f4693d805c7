import type { Platform } from '../platform/platform.ts';

/** In SQL, a condition: no suspension holds the grant with this alias, or its account, at `now`. */
export function isNotHeld(grant: string, now: string): string {
  return `NOT EXISTS (SELECT FROM token_holds h
    WHERE h.subject IN (${grant}.id, ${grant}.account_id::text) AND (h.until IS NULL OR h.until > ${now}))`;
}

export interface Hold {
  readonly suspensionId: string;
  /** A grant or an account, by its id. */
  readonly subject: string;
  /** Null holds until it is taken away. */
  readonly until: Date | null;
}

/**
 * Makes nothing count that was issued under a grant, or to anybody's apps for an account, until then. It destroys
 * nothing: afterwards everything is as it was. Part of the change that suspends; a later one moves the end.
 */
export async function holdTokens({ db }: Platform, { suspensionId, subject, until }: Hold): Promise<void> {
  await db.tokenHold.upsert({
    where: { subject_suspensionId: { subject, suspensionId } },
    create: { subject, suspensionId, until },
    update: { until },
  });
}

/** Takes away what a suspension held. Part of the change that ends it. */
export async function releaseTokens({ db }: Platform, suspensionIds: readonly string[]): Promise<void> {
  await db.tokenHold.deleteMany({ where: { suspensionId: { in: [...suspensionIds] } } });
}
