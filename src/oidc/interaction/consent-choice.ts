import type { ScopeKind } from '../../developers/apis/scopes/scopes.ts';
import { type ConsentEnd, type EndChoice, endChoicesFor, isBounded } from '../../tokens/consent-ends.ts';
import { type ConsentedScopes, IDENTITY } from '../../tokens/consents.ts';
import type { ConsentAnswer } from '../consented-grants.ts';

/** One thing the app asks for at an API, in words for people. */
export interface AskedScope {
  readonly name: string;
  readonly sentence: string;
  readonly kind: ScopeKind;
  /** Nothing of it is allowed yet. */
  readonly isNew: boolean;
  /** New, and the person may allow the app without it. */
  readonly optional: boolean;
  /** The form field of its box. */
  readonly field: string;
  /** Allowed for 90 days at most. */
  readonly sensitive: boolean;
}

export interface AskedApi {
  readonly resource: string;
  readonly name: string;
  readonly organizationName: string;
  readonly scopes: readonly AskedScope[];
}

/** The ends a person can choose from. */
export interface OfferedEnds {
  /** Something of it is sensitive, so that they are near. */
  readonly sensitive: boolean;
  readonly choices: readonly EndChoice[];
  /** The one that is chosen unless the person chooses another. */
  readonly preset: EndChoice;
  /** Something was allowed before, and its end may stay. */
  readonly mayStay: boolean;
}

/** `sensitive`: something of what is asked for or was allowed before is. `standing`: the end of the latter. */
export function offerEnds(
  preferred: EndChoice,
  { sensitive, standing, now }: { sensitive: boolean; standing: ConsentEnd | undefined; now: Date },
): OfferedEnds {
  const choices = endChoicesFor(sensitive);
  return {
    sensitive,
    choices,
    preset: choices.includes(preferred) ? preferred : '90-days',
    mayStay: standing !== undefined && (!sensitive || isBounded(standing, now)),
  };
}

/** What a form says counts as far as it was offered. */
export function settleEnd(
  { choices, preset, mayStay }: Omit<OfferedEnds, 'sensitive'>,
  chosen: ConsentChoice['end'],
): { choice: EndChoice; keepEnd: boolean } {
  if (chosen === 'as-before') return { choice: preset, keepEnd: mayStay };
  return { choice: choices.includes(chosen) ? chosen : preset, keepEnd: false };
}

/** What a person chose on the consent page. */
export interface ConsentChoice {
  readonly end: EndChoice | 'as-before';
  /** Nothing that changes data. */
  readonly readOnly: boolean;
  /** Fields of the boxes that were ticked. */
  readonly ticked: ReadonlySet<string>;
}

/** The name of a scope's box. */
export function fieldOf(resource: string, name: string): string {
  return `scope ${name} ${resource}`;
}

/**
 * True where the app would do with reading: everything it asks for that changes data is optional, and something else
 * is left when all of that goes.
 */
export function mayBeReadOnly(identity: readonly string[], apis: readonly AskedApi[]): boolean {
  const scopes = apis.flatMap((api) => api.scopes);
  const changing = scopes.filter(changesData);
  const rest = identity.length + scopes.length - changing.length;
  return changing.length > 0 && rest > 0 && changing.every(({ optional }) => optional);
}

export function changesData({ kind }: Pick<AskedScope, 'kind'>): boolean {
  return kind !== 'read';
}

/** Divides what was asked for into what the person allows and what they leave out. Only what is optional can be. */
export function settleChoice(
  identity: readonly string[],
  apis: readonly AskedApi[],
  { readOnly, ticked }: Pick<ConsentChoice, 'readOnly' | 'ticked'>,
): { allowed: ConsentedScopes[]; leftOut: ConsentAnswer['leftOut'] } {
  const isLeftOut = (scope: AskedScope) =>
    scope.optional && ((readOnly && changesData(scope)) || !ticked.has(scope.field));
  const ofApis = (wanted: (scope: AskedScope) => boolean) =>
    apis
      .map(({ resource, scopes }) => ({ resource, scopes: scopes.filter(wanted).map(({ name }) => name) }))
      .filter(({ scopes }) => scopes.length > 0);
  const allowed = ofApis((scope) => !isLeftOut(scope));
  if (identity.length > 0) allowed.unshift({ resource: IDENTITY, scopes: [...identity] });
  return { allowed, leftOut: ofApis(isLeftOut) };
}
