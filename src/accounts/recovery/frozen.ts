import type { Actor } from '../../audit/actor.ts';
import type { Platform } from '../../platform/platform.ts';
import { isFrozen } from '../account.ts';

/**
 * Whether who acts is an account whose second factor was replaced within a week. It may change no secret, redirect or
 * ownership: whoever waited out a reset may not be the owner, and the owner gets the week to speak up.
 */
export async function actsFrozen(platform: Platform, actor: Actor): Promise<boolean> {
  return actor.kind === 'account' && isFrozen(platform, actor.id);
}
