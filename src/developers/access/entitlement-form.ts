import { z } from 'zod';
import type { TextKey } from '../../platform/words/text-keys.ts';
import type { Entitlement } from './entitlement.ts';

/** What may be chosen; empty for no end. */
export const DAYS_CHOICES = ['1', '7', '30', '90', '180', '365', ''] as const;

const SCOPE = 'scope ';

/** Empty for no limit. */
const cap = z
  .string()
  .trim()
  .regex(/^\d{0,10}$/, 'openings.cap-problem' satisfies TextKey)
  .transform((digits) => (digits === '' ? null : Number(digits)));

/** The fields of /developers/apis/entitlement-fields, beside the boxes of the scopes. Within a z.looseObject. */
export const ENTITLEMENT_FIELDS = {
  days: z.enum(DAYS_CHOICES).transform((days) => (days === '' ? null : Number(days))),
  peoplePerDay: cap,
  requestsPerMinute: cap,
};

/** The limits alone. */
export const CAP_FIELDS = { peoplePerDay: cap, requestsPerMinute: cap };

/** The scopes whose boxes were ticked: they carry their names, because a form of ours names each field once. */
export function tickedScopes(form: object): string[] {
  const boxes = Object.keys(form).filter((field) => field.startsWith(SCOPE));
  return boxes.map((field) => field.slice(SCOPE.length));
}

/** What was entered, to fill the form again after a rule refused it. */
export function enteredAgain(value: Omit<Entitlement, 'scopes'> & object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).map(([field, entered]) => [field, entered === null ? '' : String(entered)]),
  );
}
