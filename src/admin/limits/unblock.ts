import type { Actor } from '../../audit/actor.ts';
import type { LimitName } from '../../defense/limits/catalogue.ts';
import { resetLimit } from '../../defense/limits/reset.ts';
import type { Platform } from '../../platform/platform.ts';

/** Gives somebody whom a limit refuses their whole budget back; `counted` says whether anything had been counted. */
export async function unblock(
  platform: Platform,
  actor: Actor,
  { limit, subject }: { readonly limit: LimitName; readonly subject: string },
): Promise<{ readonly ok: true; readonly counted: boolean }> {
  return { ok: true, counted: await resetLimit(platform, actor, { limit, subject }) };
}
