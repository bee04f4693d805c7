import type { Context } from '../platform/web/context.ts';
import type { Problems } from '../platform/web/forms.ts';
import type { PageOptions } from '../platform/web/render.ts';
import type { MailCodeJudgement } from './mail-codes.ts';
import { carryTicket } from './sign-in/carried-ticket.ts';
import { waitInWords } from '../platform/words/wait-in-words.ts';

/** Why a form is shown again, and what was typed into it. Without a status it is 422. */
export interface FormProblems {
  readonly problems: Problems;
  readonly entered?: Readonly<Record<string, string>>;
  readonly status?: number;
}

/**
 * What renderPage needs for a page on the way in, after the name of its view: the page finds the other ways in, its
 * ticket included, and the problems with what was typed.
 */
export function stepPage(
  ctx: Context,
  data: object,
  failed?: FormProblems,
): [data: object, options: PageOptions] {
  const { problems, entered, status = 422 } = failed ?? {};
  const links = { signIn: carryTicket(ctx, '/sign-in'), signUp: carryTicket(ctx, '/sign-up') };
  const withTicket = (path: string) => carryTicket(ctx, path);
  return [{ ...data, links, withTicket, problems, entered }, { status: problems ? status : 200 }];
}

interface Waiting {
  readonly retryAfterSeconds: number;
}

export function tooManyTries(ctx: Context, { retryAfterSeconds }: Waiting): FormProblems {
  ctx.set('Retry-After', String(retryAfterSeconds));
  const values = { wait: waitInWords(retryAfterSeconds) };
  return { problems: { form: { key: 'sign-in.too-many-tries', values } }, status: 429 };
}

/** Says honestly why somebody waits who did nothing wrong, and how not to. */
export function strangersWait(ctx: Context, { retryAfterSeconds }: Waiting): FormProblems {
  ctx.set('Retry-After', String(retryAfterSeconds));
  const values = { wait: waitInWords(retryAfterSeconds) };
  return { problems: { form: { key: 'sign-in.strangers-wait', values } }, status: 429 };
}

export function tooManyLetters(ctx: Context, { retryAfterSeconds }: Waiting): FormProblems {
  ctx.set('Retry-After', String(retryAfterSeconds));
  const values = { wait: waitInWords(retryAfterSeconds) };
  return { problems: { form: { key: 'verification.too-many-letters', values } }, status: 429 };
}

/** What went wrong with the code of a letter. */
export function mailCodeProblem(failed: Extract<MailCodeJudgement, { ok: false }>): FormProblems {
  if (failed.reason === 'no-code' || failed.triesLeft === 0) {
    return { problems: { code: 'verification.code-over' } };
  }
  const values = { count: failed.triesLeft };
  return { problems: { code: { key: 'verification.wrong-code', values } } };
}
