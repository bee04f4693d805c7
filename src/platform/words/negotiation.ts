import { ENGLISH, LANGUAGES, PSEUDO } from './texts.ts';

/** What is known about the language a person wants, strongest first. Anything a stranger may have written. */
export interface LanguageWishes {
  /** What they chose in this browser a moment ago: no app knows better. */
  readonly insisted?: string | undefined;
  /** `ui_locales` of the app that sent them (OpenID Connect Core §3.1.2.1): tags, best first, with spaces between. */
  readonly asked?: string | undefined;
  /** What they chose in this browser. */
  readonly chosen?: string | undefined;
  /** What their account says. */
  readonly account?: string | null | undefined;
  /** `Accept-Language` of the browser. */
  readonly accepted?: string | undefined;
  /** What the operator set. */
  readonly fallback?: string | undefined;
}

/** The code of the language to speak. The pseudo-locale only where it is asked for or chosen by its exact name. */
export function chooseLanguage(wishes: LanguageWishes): string {
  const { insisted, asked, chosen, account, accepted, fallback } = wishes;
  for (const tag of [insisted, ...tagsOf(asked), chosen, account].filter((wish) => wish != null)) {
    const found = tag === PSEUDO ? PSEUDO : languageOf(tag);
    if (found) return found;
  }
  const implied = [...byQuality(accepted), ...(fallback ? [fallback] : [])];
  return implied.map(languageOf).find((found) => found !== undefined) ?? ENGLISH;
}

/** Our language for a tag: `de` for `de-AT` (RFC 4647 §3.4, lookup). */
export function languageOf(tag: string): string | undefined {
  const parts = tag.toLowerCase().split('-');
  for (let length = parts.length; length > 0; length -= 1) {
    const candidate = parts.slice(0, length).join('-');
    const found = LANGUAGES.find((code) => code.toLowerCase() === candidate);
    if (found) return found;
  }
  return undefined;
}

const LONGEST = 1000;

function tagsOf(list: string | undefined): string[] {
  return (list ?? '').slice(0, LONGEST).split(/\s+/).filter(Boolean);
}

/** The tags of an `Accept-Language` header, best first (RFC 9110 §12.5.4). */
function byQuality(header: string | undefined): string[] {
  const ranges = (header ?? '').slice(0, LONGEST).split(',');
  return ranges
    .map((range) => {
      const [tag = '', ...parameters] = range.split(';').map((part) => part.trim());
      const q = parameters.find((parameter) => parameter.startsWith('q='));
      return { tag, quality: q === undefined ? 1 : Number(q.slice(2)) };
    })
    .filter(({ tag, quality }) => tag !== '' && quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);
}
