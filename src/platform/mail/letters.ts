import { Eta } from 'eta';
import { SERVICE_NAME, VIEWS_DIRECTORY } from '../views.ts';

/** What each letter is written from. Nothing a stranger typed belongs here, except the address it is sent to. */
export interface LetterData {
  /** `code` as it is typed, `minutes` it works for. */
  readonly 'verification-code': { readonly code: string; readonly minutes: number };
  /** To the owner of an account whose address somebody tried to sign up with. `signInAddress` is an absolute URL. */
  readonly 'address-already-known': { readonly signInAddress: string };
}

export interface LetterText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Writes `views/letters/<name>.txt.eta`, whose first line is the subject, and `<name>.html.eta`. */
export function renderLetter<Name extends keyof LetterData>(name: Name, data: LetterData[Name]): LetterText {
  const content = { serviceName: SERVICE_NAME, ...data };
  const [subject = '', ...lines] = plain.render(`letters/${name}.txt.eta`, content).split('\n');
  return {
    subject: subject.trim(),
    text: `${lines.join('\n').trim()}\n`,
    html: rich.render(`letters/${name}.html.eta`, content),
  };
}

const rich = new Eta({ views: VIEWS_DIRECTORY, cache: true });

/** In plain text the dangerous character is the line break: it would let a value write lines or headers of its own. */
const plain = new Eta({
  views: VIEWS_DIRECTORY,
  cache: true,
  autoTrim: false,
  escapeFunction: onOneLine,
});

function onOneLine(value: unknown): string {
  return String(value).replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
