import type { Said, Values } from '../../../platform/words/text-keys.ts';

/** Where a rule comes from: a standard with its section, or this house. */
export interface Source {
  readonly name: string;
  readonly href?: string;
}

/**
 * One rule about an app or an API. Its texts are `checks.<id>-title`, `-why` and `-fix`. A problem is something that
 * breaks or endangers; advice is what would make a good thing better.
 */
export interface Check<Id extends string, Facts> {
  readonly id: Id;
  readonly kind: 'problem' | 'advice';
  readonly source: Source;
  /** What is wrong, or undefined where all is well. Pure: everything it looks at stands in the facts. */
  judge(facts: Facts): Fault | undefined;
}

/** `values` fill the texts; `page` is where it can be put right, below the app or API, or `/…` below the organization. */
export interface Fault {
  readonly page: string;
  readonly values?: Values;
}

/** A rule that is not met, ready to be shown. */
export interface Finding<Id extends string = string> {
  readonly check: Id;
  readonly kind: 'problem' | 'advice';
  readonly source: Source;
  readonly title: Said;
  readonly why: Said;
  readonly fix: Said;
  /** The page of the portal where it is put right; for members of the owning organization. */
  readonly href: string;
}

/** A secret or key that still works. */
export interface LiveCredential {
  readonly label: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly replacedAt: Date | null;
}

/** A scope as far as checks care. */
export interface CheckedScope {
  readonly name: string;
  readonly kind: string;
  readonly sensitivity: string;
  readonly details: string;
  readonly deprecatedAt: Date | null;
  readonly successor: string | null;
}

export const DAY = 86_400_000;

export function olderThan(days: number, now: Date, moment: Date): boolean {
  return now.getTime() - moment.getTime() > days * DAY;
}

/** A fault where the list names something; the texts find the list under `{{names}}` and its length under `{{count}}`. */
export function whereAny(names: readonly string[], page: string): Fault | undefined {
  return names.length === 0 ? undefined : { page, values: { names, count: names.length } };
}

/** RFC 9700, the best current practice for OAuth 2.0 security. */
export function bestPractice(section: string): Source {
  return {
    name: `RFC 9700 §${section}`,
    href: `https://www.rfc-editor.org/rfc/rfc9700.html#section-${section}`,
  };
}

export const OURS: Source = { name: 'Gatehouse' };
