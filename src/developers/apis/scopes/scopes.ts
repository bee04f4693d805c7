import { cleanName } from '../../names.ts';

export const SCOPE_KINDS = ['read', 'write', 'admin'] as const;
export const SCOPE_SENSITIVITIES = ['basic', 'sensitive', 'restricted'] as const;
export type ScopeKind = (typeof SCOPE_KINDS)[number];
export type ScopeSensitivity = (typeof SCOPE_SENSITIVITIES)[number];

/** One thing an API lets an app do. `description` is what a person reads before allowing it. */
export interface ApiScope {
  readonly name: string;
  readonly description: string;
  readonly kind: ScopeKind;
  readonly sensitivity: ScopeSensitivity;
  /** The person may allow the app without it. */
  readonly optional: boolean;
  /** The same sentence for people in other languages, by language code. */
  readonly sentences?: Readonly<Record<string, string>>;
}

/** The sentence that people read, in their language where its owner wrote one. */
export function sentenceOf({ description, sentences = {} }: ApiScope, language: string): string {
  return (Object.hasOwn(sentences, language) ? sentences[language] : undefined) ?? description;
}

/** Scopes about the person, not about an API (OpenID Connect Core §5.4, §11). No API may take these names. */
export const IDENTITY_SCOPES: ReadonlySet<string> = new Set(['openid', 'profile', 'email', 'offline_access']);
const RESERVED = new Set([...IDENTITY_SCOPES, 'address', 'phone']);

/** Letters, digits and the punctuation that needs no quoting anywhere (a subset of RFC 6749 §3.3). */
export const SCOPE_NAME = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$/;
export const MOST_SCOPES = 100;

export type JudgedScope =
  | { readonly ok: true; readonly scope: ApiScope }
  | { readonly ok: false; readonly sentence: string };

/** A scope as first registered: kind from its name's ending, basic and required until said otherwise. */
export function newScope(name: string, description: string): JudgedScope {
  if (!SCOPE_NAME.test(name)) {
    return {
      ok: false,
      sentence:
        'A scope name is up to 100 letters, digits and . _ : / - and begins with a letter or digit, such as notes:read.',
    };
  }
  if (RESERVED.has(name)) {
    return {
      ok: false,
      sentence: `${name} is a scope about the person, which no API can define. Choose another name.`,
    };
  }
  const cleaned = cleanName(description, `The description of ${name}`, 120);
  if (!cleaned.ok) return cleaned;
  return {
    ok: true,
    scope: { name, description: cleaned.name, kind: kindOf(name), sensitivity: 'basic', optional: false },
  };
}

function kindOf(name: string): ScopeKind {
  return name.endsWith(':admin') ? 'admin' : name.endsWith(':write') ? 'write' : 'read';
}
