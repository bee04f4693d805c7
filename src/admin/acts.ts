import { z } from 'zod';
import type { Actor } from '../audit/actor.ts';
import { decideAppeal } from '../developers/suspensions/decide-appeal.ts';
import { endSuspension } from '../defense/suspensions/end.ts';
import { decideReview } from '../developers/clients/decide-review.ts';
import { UUID } from '../platform/ids.ts';
import type { Platform } from '../platform/platform.ts';
import type { Refused } from '../platform/refused.ts';
import type { Permission } from './roles.ts';

/** What needs two people. */
interface TwoPersonAct<Schema extends z.ZodType> {
  /** Whoever asks for it and whoever confirms it may do this. */
  readonly permission: Permission;
  /** Whoever may read what it is about. */
  readonly reading: Permission;
  readonly input: Schema;
  /** The rule with all its checks, on the open transaction; `actor` is who asked. */
  readonly carryOut: (
    tx: Platform,
    actor: Actor,
    input: z.output<Schema>,
  ) => Promise<{ readonly ok: true } | Refused<string>>;
  /** The page of the console that shows what it is about. */
  readonly page: (input: z.output<Schema>) => string;
}

const id = z.string().regex(UUID);

/** Every act that needs two people, by its name in `two_person_acts.act`. The one place where they are carried out. */
export const ACTS = {
  'verify-publisher': act({
    permission: 'reviews.decide',
    reading: 'reviews.read',
    // With the mark of what was looked at: whatever the owners change meanwhile was seen by nobody.
    input: z.object({
      review: id,
      mark: z.string().max(60).optional(),
      note: z.string().max(300).optional(),
    }),
    carryOut: (tx, actor, input) => decideReview(tx, actor, { ...input, approve: true }),
    page: ({ review }) => `/admin/reviews/${review}`,
  }),
  'grant-appeal': act({
    permission: 'watch.change',
    reading: 'watch.read',
    input: z.object({ appeal: id, note: z.string().max(500).optional() }),
    carryOut: (tx, actor, { appeal, note }) =>
      decideAppeal(tx, actor, { id: appeal, granted: true, note, confirmed: true }),
    page: ({ appeal }) => `/admin/appeals/${appeal}`,
  }),
  'end-suspension': act({
    permission: 'watch.change',
    reading: 'watch.read',
    input: z.object({ suspension: id }),
    carryOut: (tx, actor, { suspension }) => endSuspension(tx, actor, { id: suspension, confirmed: true }),
    page: ({ suspension }) => `/admin/suspensions/${suspension}`,
  }),
} as const;

export type ActName = keyof typeof ACTS;

/** One of them without its types: input that was checked before it was written down, and is checked again. */
export interface AnyAct {
  readonly permission: Permission;
  readonly reading: Permission;
  readonly input: z.ZodType;
  carryOut(tx: Platform, actor: Actor, input: unknown): Promise<{ readonly ok: true } | Refused<string>>;
  page(input: unknown): string;
}

export function actNamed(name: string): AnyAct | undefined {
  return Object.hasOwn(ACTS, name) ? (ACTS[name as ActName] as unknown as AnyAct) : undefined;
}

function act<Schema extends z.ZodType>(one: TwoPersonAct<Schema>): TwoPersonAct<Schema> {
  return one;
}
