import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { Platform } from '../../platform/platform.ts';
import { fencedAccount, subjectInRequest } from '../account-claims.ts';
import { CLOSED, type ClosedReason, closedTo } from '../admission.ts';
import { registered } from '../registered-clients.ts';
import { currentScope } from '../request-scope.ts';
import { SELECT_ACCOUNT } from './choose-account.ts';
import { strongEnough } from './step-up.ts';

const { Check, Prompt, base } = interactionPolicy;

/** The prompt for a person to whom the app is closed: there is nothing they could allow. */
export const ADMISSION = 'admission';

/**
 * When a person has to be asked: the engine's own prompts with a few changes. The hinted account, max_age and
 * acr_values are judged on every turn, not only the first; a first-party native app is not asked for consent again and again; and what is
 * kept of a hint is never the whole token. Between both comes a prompt of ours, for people to whom the app is closed.
 */
export function interactionPrompts(platform: Platform): interactionPolicy.DefaultPolicy {
  const policy = base();
  const login = policy.get('login');
  const consent = policy.get('consent');
  if (!login || !consent) throw new Error('the engine has lost its login or consent prompt');
  login.details = standingSignIn;
  consent.details = standingSignIn;
  login.checks.remove('max_age');
  login.checks.add(recentSignIn());
  login.checks.remove('id_token_hint');
  login.checks.add(hintedAccount(platform));
  login.checks.add(strongEnough());
  login.checks.add(openAccount());
  const native = consent.checks.get('native_client_prompt');
  if (!native) throw new Error('the engine has lost its check for native apps');
  const askNative = native.check;
  native.check = (ctx) => !(ctx.oidc.client && registered(ctx.oidc.client).firstParty) && askNative(ctx);
  policy.add(admission(platform), 1);
  policy.add(new Prompt({ name: SELECT_ACCOUNT, requestable: true }));
  return policy;
}

/** With prompt=none the app gets access_denied at once; otherwise the person reads why first (next-step.pages.ts). */
function admission(platform: Platform): interactionPolicy.Prompt {
  const prompt = new Prompt({ name: ADMISSION, requestable: false }, standingSignIn);
  for (const reason of Object.keys(CLOSED) as ClosedReason[]) {
    prompt.checks.add(
      new Check(reason, CLOSED[reason], 'access_denied', async ({ oidc: { account, client } }) => {
        if (!account || !client) return Check.NO_NEED_TO_PROMPT;
        return (await closedTo(platform, fencedAccount(account), registered(client))) === reason;
      }),
    );
  }
  return prompt;
}

/** Remembers when the person who is signed in now authenticated, so that a later sign-in can be told from it. */
function standingSignIn(): { signed_in_at: number | undefined } {
  return { signed_in_at: currentScope().browserSession?.authenticatedAt.getTime() };
}

/** max_age holds at the moment the app is answered, however long the person took over a page in between. */
function recentSignIn() {
  return new Check(
    'max_age',
    'End-User authentication could not be obtained',
    'login_required',
    ({ oidc }) => {
      const { params, session } = oidc;
      if (params?.max_age === undefined) return Check.NO_NEED_TO_PROMPT;
      return !session?.accountId || session.past(Number(params.max_age));
    },
  );
}

/** OpenID Connect Core §3.1.2.1: with an id_token_hint only that person may be answered for. */
function hintedAccount(platform: Platform) {
  return new Check(
    'hinted_account',
    'id_token_hint and authenticated subject do not match',
    'login_required',
    (ctx) => {
      const hinted = hintedSubject(ctx);
      const { session, client } = ctx.oidc;
      if (hinted === undefined || !client) return Check.NO_NEED_TO_PROMPT;
      if (!session?.accountId) return Check.REQUEST_PROMPT;
      const signedIn = subjectInRequest(platform, ctx, session.accountId, client);
      return signedIn === hinted ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT;
    },
  );
}

/** An account that its owner is closing is signed in to, but no app may use it (account-claims.ts). */
function openAccount() {
  return new Check('account_closing', 'the account is being closed', 'login_required', ({ oidc }) => {
    const { session, account } = oidc;
    return session?.accountId && !account ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT;
  });
}

/** The engine verified the hint when the request came in; afterwards only its claims are kept (payloads.ts). */
function hintedSubject(ctx: KoaContextWithOIDC): string | undefined {
  return subjectOfHint(ctx.oidc.params?.id_token_hint);
}

export function subjectOfHint(hint: unknown): string | undefined {
  const payload = typeof hint === 'string' ? hint.split('.')[1] : undefined;
  if (payload === undefined) return undefined;
  const { sub } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub?: unknown };
  return typeof sub === 'string' ? sub : undefined;
}
