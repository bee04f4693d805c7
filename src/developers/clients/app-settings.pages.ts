import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { asIssue, readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { cleanName } from '../names.ts';
import { memberOf } from '../organizations/require-member.ts';
import { problemOf, renderPortalPage } from '../portal-page.ts';
import { type AddressField, changeAppSettings, judgeAddress } from './app-settings.ts';
import { ID_TOKEN_ALGORITHMS, signsPeopleIn } from './app-types.ts';
import { appOf, appPath } from './require-app.ts';

const Query = z.object({ done: z.enum(['changed', 'same', 'waits']).optional().catch(undefined) });

/** GET …/apps/:client/settings */
export const showSettings: Handler = (ctx) => {
  const app = appOf(ctx);
  const { done } = Query.parse({ ...ctx.query });
  const { name, homepageUri, privacyUri, termsUri, scopes, resources, idTokenAlgorithm } = app;
  const lists = { scopes: scopes.join(' '), resources: resources.join(' ') };
  const addresses = {
    homepageUri: homepageUri ?? '',
    privacyUri: privacyUri ?? '',
    termsUri: termsUri ?? '',
  };
  const entered = { name, ...addresses, ...lists, idTokenAlgorithm };
  renderSettings(ctx, { entered, done });
};

const address = (field: AddressField) =>
  z
    .string()
    .max(3000)
    .default('')
    .superRefine((raw, ctx) => {
      const judged = judgeAddress(field, raw);
      if (!judged.ok) ctx.addIssue(said(judged.sentence));
    });

const list = z
  .string()
  .max(20_000)
  .default('')
  .transform((text) => text.split(/[\s,]+/).filter(Boolean));

/** Judged field by field, so that each answers for itself. */
const Settings = z.object({
  name: z
    .string()
    .max(1000)
    .superRefine((raw, ctx) => {
      const cleaned = cleanName(raw);
      if (!cleaned.ok) ctx.addIssue(said(cleaned.sentence));
    }),
  homepageUri: address('homepageUri'),
  privacyUri: address('privacyUri'),
  termsUri: address('termsUri'),
  scopes: list,
  resources: list,
  idTokenAlgorithm: z.enum(ID_TOKEN_ALGORITHMS).optional(),
});

function said(sentence: string) {
  return asIssue({ key: 'portal.sentence', values: { sentence } });
}

/** POST …/apps/:client/settings */
export function submitSettings(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Settings);
    if (!form.ok) return renderSettings(ctx, form, 422);
    const app = appOf(ctx);
    const { accountId, organization } = memberOf(ctx);
    const of = { organizationId: organization.id, clientId: app.id };
    const outcome = await changeAppSettings(platform, accountActor(ctx, accountId), { ...of, ...form.value });
    if (outcome.ok) return seeOther(ctx, `${appPath(app)}/settings?done=${outcome.outcome}`);
    const problems = problemOf(outcome, {
      scope: 'scopes',
      resource: 'resources',
      client: 'form',
      sponsored: 'form',
    });
    const { scopes, resources, ...texts } = form.value;
    const entered = { ...texts, scopes: scopes.join(' '), resources: resources.join(' ') };
    renderSettings(ctx, { problems, entered }, 422);
  };
}

function renderSettings(ctx: Context, data: object, status = 200): void {
  const app = appOf(ctx);
  const algorithms = signsPeopleIn(app.type) ? ID_TOKEN_ALGORITHMS : [];
  renderPortalPage(ctx, 'developers/clients/app-settings', { app, algorithms, ...data }, { status });
}
