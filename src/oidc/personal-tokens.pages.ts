import { z } from 'zod';
import { renderAccountPage } from '../accounts/area/account-page.ts';
import { accountActor } from '../accounts/actor.ts';
import { sessionOf } from '../accounts/sign-in/require-session.ts';
import { sentenceOf } from '../developers/apis/scopes/scopes.ts';
import { cleanName } from '../developers/names.ts';
import { Refusal } from '../platform/errors.ts';
import type { Platform } from '../platform/platform.ts';
import type { Context, Handler } from '../platform/web/context.ts';
import { asIssue, readForm } from '../platform/web/forms.ts';
import { seeOther } from '../platform/web/see-other.ts';
import type { TextKey, Words } from '../platform/words/text-keys.ts';
import { MOST_PERSONAL_TOKENS, personalTokensAllowed } from '../tokens/personal-tokens.ts';
import {
  apisForPersonalTokens,
  createPersonalToken,
  describePersonalTokens,
  type PersonalApi,
  revokePersonalToken,
  TOKEN_DAYS,
  type TokenCreation,
} from './personal-tokens.ts';

const TOKENS = '/account/tokens';

const DONE = {
  revoked: 'personal-tokens.done-revoked',
  gone: 'personal-tokens.done-gone',
} as const satisfies Record<string, TextKey>;

type Done = keyof typeof DONE;

/** Guard: while the operator forbids such tokens there is nothing here. */
export function requirePersonalTokens(platform: Platform): Handler {
  return (_ctx, next) => {
    if (!personalTokensAllowed(platform)) throw new Refusal('not-found', 'errors.nothing-here');
    return next();
  };
}

const Query = z.object({
  done: z
    .enum(Object.keys(DONE) as [Done])
    .optional()
    .catch(undefined),
  api: z.string().optional().catch(undefined),
});

/** GET /account/tokens: the tokens a person made, never the keys themselves. */
export function showTokens(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId } = await sessionOf(platform, ctx);
    const { done } = Query.parse({ ...ctx.query });
    const tokens = await describePersonalTokens(platform, accountId);
    const possible = (await apisForPersonalTokens(platform, accountId)).length > 0;
    await renderAccountPage(ctx, 'oidc/personal-tokens', {
      ...{ tokens, possible, sentenceOf },
      done: done && DONE[done],
    });
  };
}

/** GET /account/tokens/new: first the API, where there are several, then what the token may do there. */
export function showNewToken(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId } = await sessionOf(platform, ctx);
    const { api } = Query.parse({ ...ctx.query });
    const apis = await apisForPersonalTokens(platform, accountId);
    await renderAccountPage(ctx, 'oidc/personal-tokens-new', { apis, api: apiMeant(apis, api), sentenceOf });
  };
}

function apiMeant(apis: readonly PersonalApi[], clientId: string | undefined): PersonalApi | undefined {
  return apis.length === 1 ? apis[0] : apis.find((api) => api.clientId === clientId);
}

const SCOPE = 'scope ';

/** The boxes of the scopes carry their names, because a form of ours names each field once. */
const NewToken = z
  .looseObject({
    api: z.string(),
    name: z.string().transform((raw, ctx) => {
      const cleaned = cleanName(raw);
      if (cleaned.ok) return cleaned.name;
      ctx.addIssue(asIssue('personal-tokens.name-problem'));
      return z.NEVER;
    }),
    days: z
      .string()
      .trim()
      .regex(/^\d{1,3}$/, 'personal-tokens.days-problem' satisfies TextKey)
      .transform(Number)
      .refine((days) => days >= TOKEN_DAYS.least && days <= TOKEN_DAYS.most, {
        error: 'personal-tokens.days-problem' satisfies TextKey,
      }),
  })
  .transform(({ api, name, days, ...boxes }) => {
    const checked = Object.keys(boxes).filter((field) => field.startsWith(SCOPE));
    return { api, name, days, scopes: checked.map((field) => field.slice(SCOPE.length)) };
  });

/** POST /account/tokens/new: shows the token, once. */
export function submitNewToken(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId, id: sessionId } = await sessionOf(platform, ctx);
    const form = await readForm(ctx, NewToken);
    const apis = await apisForPersonalTokens(platform, accountId);
    const entered = form.ok ? undefined : form.entered;
    const api = apiMeant(apis, form.ok ? form.value.api : entered?.api);
    if (!form.ok || !api) {
      const problems = form.ok ? NOT_OPEN : form.problems;
      return showAgain(ctx, { apis, api, problems, entered });
    }
    const { name, days, scopes } = form.value;
    const wish = { accountId, sessionId, name, days, scopes, resource: api.identifier };
    const outcome = await createPersonalToken(platform, accountActor(ctx, accountId), wish);
    if (outcome.ok) return renderAccountPage(ctx, 'oidc/personal-tokens-made', { ...outcome, api });
    if (outcome.reason === 'session-over') return seeOther(ctx, `${TOKENS}/new`);
    const typed = {
      name,
      days: String(days),
      ...Object.fromEntries(scopes.map((one) => [SCOPE + one, 'on'])),
    };
    return showAgain(ctx, { apis, api, problems: problemsOf(outcome.reason), entered: typed });
  };
}

type Fault = Extract<TokenCreation, { ok: false }>['reason'];

const NOT_OPEN: Readonly<Record<string, Words>> = { form: 'personal-tokens.not-open' };

function problemsOf(reason: Exclude<Fault, 'session-over'>): Readonly<Record<string, Words>> {
  switch (reason) {
    case 'no-scope':
      return { scopes: 'personal-tokens.scopes-problem' };
    case 'not-open':
      return NOT_OPEN;
    case 'frozen':
      return { form: 'personal-tokens.frozen' };
    case 'too-many':
      return { form: { key: 'personal-tokens.too-many', values: { count: MOST_PERSONAL_TOKENS } } };
  }
}

function showAgain(ctx: Context, data: object): Promise<void> {
  return renderAccountPage(ctx, 'oidc/personal-tokens-new', { sentenceOf, ...data }, { status: 422 });
}

/** POST /account/tokens/:id/revocation. */
export function submitRevocation(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}), { formPurpose: TOKENS });
    const { accountId } = await sessionOf(platform, ctx);
    const [, , , id = ''] = ctx.path.split('/');
    const revoked = await revokePersonalToken(platform, accountActor(ctx, accountId), { accountId, id });
    seeOther(ctx, `${TOKENS}?done=${revoked ? 'revoked' : 'gone'}`);
  };
}

/** GET below /account/tokens where there is no page: whoever had to sign in before a button took effect. */
export const showTokensInstead: Handler = (ctx) => seeOther(ctx, TOKENS);
