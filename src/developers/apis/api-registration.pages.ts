import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import { trustDomainsOf } from '../../accounts/trust-domains.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { provenHosts } from '../organizations/hosts.ts';
import { memberOf } from '../organizations/require-member.ts';
import { organizationPath, problemOf, renderPortalPage } from '../portal-page.ts';
import { registerApi, TOKEN_FORMATS } from './api.ts';

/** GET …/apis/new */
export function showNewApi(platform: Platform): Handler {
  return (ctx) => showForm(platform, ctx, {});
}

const NewApi = z.object({
  name: z.string().trim().min(1),
  identifier: z.string().trim().min(1),
  tokenFormat: z.enum(TOKEN_FORMATS),
  trustDomain: z.uuid().optional(),
});

/** POST …/apis/new: to the new API, which says what comes next. */
export function submitNewApi(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId, organization } = memberOf(ctx);
    const form = await readForm(ctx, NewApi);
    if (!form.ok) return showForm(platform, ctx, form, 422);
    const { trustDomain: trustDomainId, ...api } = form.value;
    const input = { ...api, trustDomainId, organizationId: organization.id };
    const registered = await registerApi(platform, accountActor(ctx, accountId), input);
    if (registered.ok) return seeOther(ctx, `${organizationPath(organization.id)}/apis/${registered.api.id}`);
    const problems = problemOf(registered, FIELDS);
    return showForm(platform, ctx, { problems, entered: form.value }, 422);
  };
}

async function showForm(platform: Platform, ctx: Context, data: object, status = 200): Promise<void> {
  const { organization, accountId } = memberOf(ctx);
  const hosts = await provenHosts(platform, organization.id);
  const trustDomains = await trustDomainsOf(platform, accountId);
  renderPortalPage(ctx, 'developers/apis/api-registration', { hosts, trustDomains, ...data }, { status });
}

const FIELDS = {
  organization: 'form',
  'trust-domain': 'trustDomain',
  'too-many': 'form',
  frozen: 'form',
} as const;
