import { Eta } from 'eta';
import { BRAND_NAME, DEFAULT_LANGUAGE } from '../brand/brand.ts';
import type { Platform } from '../platform.ts';
import { VIEWS_DIRECTORY } from '../views.ts';
import { languageFor } from '../words/language.ts';
import { chooseLanguage } from '../words/negotiation.ts';
import type { Said, Words } from '../words/text-keys.ts';

/**
 * What each letter is written from. Nothing a stranger typed belongs here, except the address it is sent to, and names
 * of apps, organizations and APIs, which were judged when they were registered.
 */
export interface LetterData {
  /** `code` as it is typed, `minutes` it works for. */
  readonly 'verification-code': { readonly code: string; readonly minutes: number };
  /** To the owner of an account whose address somebody tried to sign up with. `signInAddress` is an absolute URL. */
  readonly 'address-already-known': { readonly signInAddress: string };
  /** To the owner of an account that was signed in on a browser it had not used before. */
  readonly 'new-sign-in': {
    readonly device: Said;
    readonly place: string | undefined;
    readonly at: Date;
    readonly sessionsAddress: string;
  };
  /** To begin or to end the reset of a lost second factor. */
  readonly 'factor-reset-code': { readonly code: string; readonly minutes: number };
  /** Who does not object by `dueAt` finds the second factor replaced. Addresses are absolute URLs. */
  readonly 'factor-reset-waiting': { readonly dueAt: Date; readonly accountAddress: string };
  readonly 'factor-reset-cancelled': { readonly methodsAddress: string };
  /** `days` for which nothing that apps depend on may change. */
  readonly 'factor-reset-completed': { readonly days: number; readonly methodsAddress: string };
  /** `what` was done to the second factors; names in it were chosen by the account's own owner. */
  readonly 'factor-changed': { readonly what: Words; readonly methodsAddress: string };
  /** The right password, then a wrong second factor, on a browser that is not known. */
  readonly 'second-factor-failed': { readonly methodsAddress: string };
  readonly 'trusted-browser-voided': { readonly sessionsAddress: string };
  /** Names as unlinked() gives them; `appsAddress` is an absolute URL. */
  readonly 'app-connected': {
    readonly app: string;
    readonly organization: string;
    readonly appsAddress: string;
  };
  readonly 'refresh-token-reused': {
    readonly app: string;
    readonly organization: string;
    readonly appsAddress: string;
  };
  readonly 'personal-token-created': {
    readonly api: string;
    readonly days: number;
    readonly tokensAddress: string;
  };
  /** To owners. `what` was done to the credentials of an app or API, `who` did it, from which network if it is known. */
  readonly 'credential-changed': CredentialNews & { readonly who: Said; readonly place: string | undefined };
  /** To owners: a secret whose end is near is still in use. */
  readonly 'secret-still-used': CredentialNews & { readonly until: Date };
  /** To owners: events cannot be delivered to one of their addresses any more. */
  readonly 'event-target-stopped': CredentialNews;
  /** To owners: somebody found a secret or token where it does not belong; it was ended. */
  readonly 'leak-reported': CredentialNews & { readonly next: Said };
  /** To a person: somebody found a token that they made for themselves; it was ended. */
  readonly 'personal-token-leaked': { readonly token: string; readonly tokensAddress: string };
  /** The link holds a sign-up pass; it opens a page and does nothing by itself. */
  readonly invitation: { readonly signUpAddress: string; readonly days: number };
  /** `what`: names in it as unlinked() gives them. The link opens a page and does nothing by itself. */
  readonly 'organization-invitation': {
    readonly what: Words;
    readonly address: string;
    readonly days: number;
  };
  /** To owners, and to the member it is about. Names in `what` as unlinked() gives them; `address` is an absolute URL. */
  readonly 'membership-changed': { readonly what: Words; readonly address: string };
  readonly 'password-reset-code': { readonly code: string; readonly minutes: number };
  /** To an address without an account that somebody wants a new password for. */
  readonly 'no-account-here': { readonly signUpAddress: string };
  readonly 'password-changed': { readonly at: Date; readonly resetAddress: string };
  /** To the new address, which nobody has proven yet. */
  readonly 'email-change-code': { readonly code: string; readonly minutes: number };
  /** To the old address. The link holds an id and does nothing by itself. */
  readonly 'email-changed': { readonly undoAddress: string; readonly until: Date };
  readonly 'email-change-done': { readonly signInAddress: string };
  /** To the old address, which takes the account back. */
  readonly 'email-undo-code': { readonly code: string; readonly minutes: number };
  /** To both addresses. */
  readonly 'email-change-undone': { readonly resetAddress: string };
  readonly 'closing-waiting': { readonly on: Date; readonly signInAddress: string };
  /** To owners of apps that have access to an API with new terms, which hold from `dueAt` on. */
  readonly 'terms-published': { readonly api: string; readonly dueAt: Date; readonly appsAddress: string };
  /** To owners of an API whose identifier an operator approved, or refused for what `note` says. */
  readonly 'api-decided': {
    readonly api: string;
    /** What was decided, and what follows. */
    readonly what: Words;
    readonly note: string | undefined;
    readonly apiAddress: string;
  };
  /** To owners of an app: what an operator decided about it, and what `note` says of it. */
  readonly 'client-decided': {
    readonly app: string;
    readonly what: Words;
    readonly note: string | undefined;
    readonly appAddress: string;
  };
  /** To owners of an app or an API: what became of the access of the one to the other. Names as unlinked() gives them. */
  readonly 'access-news': { readonly api: string; readonly what: Words; readonly address: string };
  /** To owners and security contacts, or to the person whose account it is. Names in `what` as unlinked() gives them. */
  readonly 'suspension-news': {
    readonly subject: Words;
    readonly what: Words;
    readonly more: readonly Words[];
    readonly address: string;
  };
  /** To operators. `address` is the page of the console that says more. */
  readonly 'operator-news': { readonly subject: Words; readonly what: Words; readonly address: string };
  readonly 'account-closed': { readonly signUpAddress: string };
}

interface CredentialNews {
  readonly what: Said;
  /** The app or API, and its organization. */
  readonly app: string;
  readonly organization: string;
  readonly at: Date;
  readonly credentialsAddress: string;
}

export interface LetterText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * Writes `views/letters/<name>.txt.eta`, whose first line is the subject, and `<name>.html.eta` in the language for
 * `locale`, as the account or the request says it. Besides `data` a letter finds what pages find: `it.t` and so on.
 */
export function renderLetter<Name extends keyof LetterData>(
  { settings, clock }: Pick<Platform, 'settings' | 'clock'>,
  name: Name,
  data: LetterData[Name],
  locale: string | null | undefined,
): LetterText {
  const code = chooseLanguage({ account: locale, fallback: settings.get(DEFAULT_LANGUAGE) });
  const serviceName = settings.get(BRAND_NAME);
  const language = languageFor(code, { clock, service: serviceName });
  const { t, strong, linked, when, day, moment } = language;
  const content = { serviceName, language, t, strong, linked, when, day, moment, ...data };
  const [subject = '', ...lines] = plain.render(`letters/${name}.txt.eta`, content).split('\n');
  return {
    subject: subject.trim(),
    text: `${lines.flatMap(shortLines).join('\n').trim()}\n`,
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

const LONGEST_LINE = 72;

/** A paragraph in lines that every mail program can show. What is indented, a code or a link, stays on its line. */
function shortLines(paragraph: string): string[] {
  if (paragraph.startsWith(' ')) return [paragraph];
  const lines = [''];
  for (const word of paragraph.split(' ')) {
    const line = lines.at(-1);
    if (!line) lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length > LONGEST_LINE) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
