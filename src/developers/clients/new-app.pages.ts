import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import { trustDomainsOf } from '../../accounts/trust-domains.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { memberOf } from '../organizations/require-member.ts';
import { problemOf, renderPortalPage } from '../portal-page.ts';
import { APP_TYPES, type AppType, signsPeopleIn } from './app-types.ts';
import { guideFor } from './guide.ts';
import { createClient } from './registration.ts';

/** What a developer's own machine usually answers at, but not port 3000, which is this server's while it is tried there. */
const FIRST_REDIRECT: Readonly<Record<AppType, string | undefined>> = {
  web: 'http://localhost:4000/callback',
  spa: 'http://localhost:5173/',
  native: 'com.example.app:/callback',
  cli: 'http://127.0.0.1/callback',
  agent: 'http://127.0.0.1/callback',
  machine: undefined,
};

const Query = z.object({ type: z.enum(APP_TYPES).optional().catch(undefined) });

/** GET …/apps/new: the cards, then the form of one of them. */
export function showNewApp(platform: Platform): Handler {
  return (ctx) => renderForm(platform, ctx, Query.parse({ ...ctx.query }).type);
}

const NewApp = z.object({
  type: z.enum(APP_TYPES),
  name: z.string().max(1000),
  redirectUri: z.string().trim().max(3000).default(''),
  keepsSecret: z.enum(['yes', 'no']).default('no'),
  trustDomain: z.uuid().optional(),
});

/** POST …/apps/new: registers the app, in development, and shows its secret this once. */
export function submitNewApp(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, NewApp);
    if (!form.ok) return renderForm(platform, ctx, Query.parse({ type: form.entered.type }).type, form);
    const { accountId, organization } = memberOf(ctx);
    const { type, name, redirectUri, keepsSecret, trustDomain: trustDomainId } = form.value;
    const outcome = await createClient(platform, accountActor(ctx, accountId), {
      ...{ organizationId: organization.id, type, name, stage: 'development', trustDomainId },
      redirectUris: signsPeopleIn(type) && redirectUri !== '' ? [redirectUri] : [],
      authMethod: type === 'agent' && keepsSecret === 'yes' ? 'client_secret_basic' : undefined,
    });
    if (!outcome.ok) {
      const problems = problemOf(outcome, FIELDS);
      return renderForm(platform, ctx, type, {
        problems,
        entered: { name, redirectUri, keepsSecret, trustDomain: trustDomainId },
      });
    }
    const { client: app, issued } = outcome;
    const data = { app, secret: issued?.secret, guide: guideFor(platform, app) };
    renderPortalPage(ctx, 'developers/clients/new-app-made', data, { status: 201 });
  };
}

const FIELDS = {
  name: 'name',
  'redirect-uri': 'redirectUri',
  'auth-method': 'form',
  organization: 'form',
  scope: 'form',
  resource: 'form',
  'trust-domain': 'trustDomain',
  'too-many': 'form',
  frozen: 'form',
} as const;

async function renderForm(
  platform: Platform,
  ctx: Context,
  type: AppType | undefined,
  failed?: object,
): Promise<void> {
  const data = {
    trustDomains: await trustDomainsOf(platform, memberOf(ctx).accountId),
    types: APP_TYPES,
    type,
    needsRedirect: type !== undefined && signsPeopleIn(type),
    entered: { redirectUri: type && FIRST_REDIRECT[type] },
    ...failed,
  };
  renderPortalPage(ctx, 'developers/clients/new-app', data, { status: failed ? 422 : 200 });
}
