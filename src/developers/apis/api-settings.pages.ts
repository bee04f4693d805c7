import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { asIssue, readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { cleanName } from '../names.ts';
import { memberOf } from '../organizations/require-member.ts';
import { organizationPath, problemOf, renderPortalPage } from '../portal-page.ts';
import { type Api, MINIMUM_ACRS, TOKEN_FORMATS } from './api.ts';
import { deleteApi } from './api-deletion.ts';
import {
  changeApi,
  judgeDescription,
  judgeDocsUri,
  LEAST_TOKEN_SECONDS,
  MOST_TOKEN_SECONDS,
} from './api-settings.ts';
import { normalizeIdentifier } from './identifier.ts';
import { apiOf } from './require-api.ts';

const apiPath = (ctx: Context) => `${organizationPath(memberOf(ctx).organization.id)}/apis/${apiOf(ctx).id}`;

const Query = z.object({ done: z.literal('changed').optional().catch(undefined) });

/** GET …/apis/:api/settings */
export const showApiSettings: Handler = (ctx) => {
  const { done } = Query.parse({ ...ctx.query });
  renderSettings(ctx, { done, entered: enteredOf(apiOf(ctx)) });
};

function enteredOf(api: Api): Record<string, string> {
  const { name, description, docsUri, tokenFormat, tokenSeconds, minimumAcr, identifier } = api;
  const lifetime = tokenSeconds === null ? '' : String(tokenSeconds);
  return {
    ...{ name, description, docsUri: docsUri ?? '', tokenFormat, tokenSeconds: lifetime },
    ...{ minimumAcr: minimumAcr ?? '', identifier },
  };
}

function renderSettings(ctx: Context, data: object, status = 200): void {
  const limits = {
    least: LEAST_TOKEN_SECONDS,
    opaque: MOST_TOKEN_SECONDS.opaque,
    jwt: MOST_TOKEN_SECONDS.jwt,
  };
  const page = { api: apiOf(ctx), acrs: MINIMUM_ACRS, limits };
  renderPortalPage(ctx, 'developers/apis/api-settings', { ...page, ...data }, { status });
}

type Judged = { readonly ok: true } | { readonly ok: false; readonly sentence: string };

/** Judged field by field, so that each answers for itself. */
function judgedBy(judge: (raw: string) => Judged) {
  return z
    .string()
    .max(3000)
    .superRefine((raw, ctx) => {
      const judged = judge(raw);
      if (!judged.ok) {
        ctx.addIssue(asIssue({ key: 'portal.sentence', values: { sentence: judged.sentence } }));
      }
    });
}

const Settings = z
  .object({
    name: judgedBy((raw) => cleanName(raw)),
    description: judgedBy(judgeDescription).default(''),
    docsUri: judgedBy(judgeDocsUri).default(''),
    tokenFormat: z.enum(TOKEN_FORMATS),
    tokenSeconds: z
      .string()
      .trim()
      .regex(/^\d{0,6}$/)
      .default('')
      .transform((text) => (text === '' ? null : Number(text))),
    minimumAcr: z
      .enum(['', ...MINIMUM_ACRS])
      .default('')
      .transform((acr) => (acr === '' ? null : acr)),
    identifier: judgedBy(normalizeIdentifier).optional(),
  })
  .superRefine(({ tokenFormat, tokenSeconds }, ctx) => {
    const [least, most] = [LEAST_TOKEN_SECONDS, MOST_TOKEN_SECONDS[tokenFormat]];
    if (tokenSeconds === null || (tokenSeconds >= least && tokenSeconds <= most)) return;
    const words = { key: 'developer-apis.lifetime-problem', values: { least, most } } as const;
    ctx.addIssue(asIssue(words, ['tokenSeconds']));
  });

/** POST …/apis/:api/settings */
export function submitApiSettings(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId, organization } = memberOf(ctx);
    const form = await readForm(ctx, Settings);
    if (!form.ok) return renderSettings(ctx, form, 422);
    const wish = { apiId: apiOf(ctx).id, organizationId: organization.id, ...form.value };
    const changed = await changeApi(platform, accountActor(ctx, accountId), wish);
    if (changed.ok) return seeOther(ctx, `${apiPath(ctx)}/settings?done=changed`);
    const problems = problemOf(changed, { api: 'form', frozen: 'form' });
    const { tokenSeconds, minimumAcr, ...texts } = form.value;
    const entered = { ...texts, tokenSeconds: String(tokenSeconds ?? ''), minimumAcr: minimumAcr ?? '' };
    renderSettings(ctx, { problems, entered }, 422);
  };
}

/** GET …/apis/:api/deletion */
export const showApiDeletion: Handler = (ctx) =>
  renderPortalPage(ctx, 'developers/apis/api-settings-deletion', { api: apiOf(ctx) });

const TypedName = z.object({ name: z.string().max(1000) });

/** POST …/apis/:api/deletion: only with the name typed. */
export function submitApiDeletion(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId, organization } = memberOf(ctx);
    const form = await readForm(ctx, TypedName);
    const typedName = form.ok ? form.value.name : '';
    const api = apiOf(ctx);
    const wish = { apiId: api.id, organizationId: organization.id, typedName };
    const deleted = await deleteApi(platform, accountActor(ctx, accountId), wish);
    if (deleted.ok) return seeOther(ctx, `${organizationPath(organization.id)}/apis`);
    const problems = problemOf(deleted, { api: 'form', frozen: 'form' });
    const data = { api, problems, entered: { name: typedName } };
    renderPortalPage(ctx, 'developers/apis/api-settings-deletion', data, { status: 422 });
  };
}
