import { type Refused, refused } from '../../../platform/refused.ts';
import { LANGUAGES } from '../../../platform/words/texts.ts';
import { cleanName } from '../../names.ts';
import { type ApiScope, MOST_SCOPES, newScope, type ScopeKind, type ScopeSensitivity } from './scopes.ts';

/** A scope with all that its owner says about it. */
export interface DefinedScope extends ApiScope {
  readonly sentences: Readonly<Record<string, string>>;
  /** For developers. */
  readonly details: string;
  readonly deprecatedAt: Date | null;
  /** The name of the scope to use instead. */
  readonly successor: string | null;
}

/** What is left out stays as it is; a new scope needs a description. */
export interface ScopeWishes {
  readonly name: string;
  readonly description?: string;
  readonly kind?: ScopeKind;
  readonly sensitivity?: ScopeSensitivity;
  readonly optional?: boolean;
  /** By language code; an empty sentence takes one away. */
  readonly sentences?: Readonly<Record<string, string>>;
  readonly details?: string;
  readonly deprecated?: boolean;
  /** Empty or null: none. */
  readonly successor?: string | null;
  /** Its owner was asked about what is unusual, and means it. */
  readonly sure?: boolean;
}

export type ScopeFault =
  | 'scope'
  | 'sensitivity'
  | 'description'
  | 'details'
  | 'successor'
  | 'sure'
  | `sentence-${string}`;

export type JudgedWishes = { readonly ok: true; readonly scope: DefinedScope } | Refused<ScopeFault>;

/** The scope as it will be beside the others of its API, or the first thing that is wrong with it. */
export function judgeScope(scopes: readonly DefinedScope[], wishes: ScopeWishes, now: Date): JudgedWishes {
  const before = scopes.find(({ name }) => name === wishes.name);
  const described = judgeDescription(before, wishes);
  if (!described.ok) return described;
  if (!before && scopes.length >= MOST_SCOPES) {
    return refused('scope', `An API can have at most ${MOST_SCOPES} scopes.`);
  }
  const texts = judgeTexts(before, wishes);
  if (!texts.ok) return texts;
  const end = judgeEnd(scopes, before, wishes, now);
  if (!end.ok) return end;
  const { name, kind, sensitivity, optional } = before ?? described.scope;
  const scope = {
    name,
    description: described.scope.description,
    kind: wishes.kind ?? kind,
    sensitivity: wishes.sensitivity ?? sensitivity,
    optional: wishes.optional ?? optional,
    sentences: texts.sentences,
    details: texts.details,
    deprecatedAt: end.deprecatedAt,
    successor: end.successor,
  };
  const question = before?.kind === scope.kind ? undefined : questionAbout(scopes, scope);
  return question === undefined || wishes.sure ? { ok: true, scope } : refused('sure', question);
}

function judgeDescription(before: DefinedScope | undefined, { name, description }: ScopeWishes) {
  const sentence = description ?? before?.description;
  if (sentence === undefined) {
    return refused('scope', 'The API has no such scope yet. To add it, write it as name=description.');
  }
  const judged = newScope(name, sentence);
  if (judged.ok) return judged;
  // A name that was taken once is sound: then it is the sentence that is not.
  const nameIsSound = newScope(name, 'Sound').ok;
  return refused(nameIsSound ? 'description' : 'scope', judged.sentence);
}

type Texts =
  | { readonly ok: true; readonly sentences: Record<string, string>; readonly details: string }
  | Refused<ScopeFault>;

function judgeTexts(before: DefinedScope | undefined, wishes: ScopeWishes): Texts {
  const sentences: Record<string, string> = { ...before?.sentences };
  for (const [code, raw] of Object.entries(wishes.sentences ?? {})) {
    if (!LANGUAGES.includes(code)) return refused('scope', 'People are not spoken to in that language here.');
    const cleaned = cleanName(raw, 'This sentence', 120);
    if (raw.trim() === '') delete sentences[code];
    else if (!cleaned.ok) return refused(`sentence-${code}`, cleaned.sentence);
    else sentences[code] = cleaned.name;
  }
  const details = wishes.details ?? before?.details ?? '';
  if (details.trim() === '') return { ok: true, sentences, details: '' };
  const cleaned = cleanName(details, 'The sentence for developers', 300);
  return cleaned.ok ? { ok: true, sentences, details: cleaned.name } : refused('details', cleaned.sentence);
}

type End =
  | { readonly ok: true; readonly deprecatedAt: Date | null; readonly successor: string | null }
  | Refused<'successor'>;

/** A successor is another scope of the API that is not deprecated itself. */
function judgeEnd(
  scopes: readonly DefinedScope[],
  before: DefinedScope | undefined,
  wishes: ScopeWishes,
  now: Date,
): End {
  const deprecated = wishes.deprecated ?? (before ? before.deprecatedAt !== null : false);
  if (!deprecated) return { ok: true, deprecatedAt: null, successor: null };
  const wished = wishes.successor === undefined ? (before?.successor ?? null) : wishes.successor || null;
  const successor = scopes.find(({ name }) => name === wished);
  if (wished !== null && (!successor || wished === wishes.name || successor.deprecatedAt !== null)) {
    return refused('successor', 'The successor must be another scope of this API that is not deprecated.');
  }
  return { ok: true, deprecatedAt: before?.deprecatedAt ?? now, successor: wished };
}

/** Who may change what they may not see usually got one scope too many, or needs one more. */
function questionAbout(scopes: readonly DefinedScope[], scope: DefinedScope): string | undefined {
  if (scope.kind !== 'write') return undefined;
  const stem = stemOf(scope.name);
  const reads = scopes.filter(({ name, kind }) => kind === 'read' && name !== scope.name);
  if (reads.some(({ name }) => stemOf(name) === stem)) return undefined;
  return `${scope.name} changes data, but no scope of kind read goes with it, so an app that only reads would have to ask for more than it needs. Add one such as ${stem ? `${stem}:read` : 'read'}, or confirm that this is meant.`;
}

/** `notes` of `notes:write`; empty where the name has one part. */
function stemOf(name: string): string {
  return name.replace(/(?:^|[.:/])[^.:/]*$/, '');
}
