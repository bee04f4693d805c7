import { z } from 'zod';
import { apiOf } from '../developers/apis/require-api.ts';
import { memberOf } from '../developers/organizations/require-member.ts';
import { organizationPath, renderPortalPage } from '../developers/portal-page.ts';
import type { Platform } from '../platform/platform.ts';
import type { Context, Handler } from '../platform/web/context.ts';
import { readForm } from '../platform/web/forms.ts';
import { seeOther } from '../platform/web/see-other.ts';
import { checkToken } from './token-checks.ts';

const PastedToken = z.object({
  token: z.string().trim().min(1).max(20_000),
  scope: z.string().trim().max(100).default(''),
});

/** POST …/apis/:api/token-checks: what a pasted token is worth here. It is neither kept, logged nor shown again. */
export function submitTokenCheck(platform: Platform): Handler {
  return async (ctx) => {
    const api = apiOf(ctx);
    const form = await readForm(ctx, PastedToken);
    if (!form.ok) return renderChecks(ctx, { problems: form.problems, checks: [] }, 422);
    const { token, scope } = form.value;
    const checks = await checkToken(platform, api, { token, scope: scope || undefined });
    renderChecks(ctx, { checks, scope });
  };
}

function renderChecks(ctx: Context, data: object, status = 200): void {
  renderPortalPage(ctx, 'oidc/token-checks', { api: apiOf(ctx), ...data }, { status });
}

/** GET where only a button leads: whoever had to sign in before it took effect. */
export const showProtectionInstead: Handler = (ctx) =>
  seeOther(ctx, `${organizationPath(memberOf(ctx).organization.id)}/apis/${apiOf(ctx).id}/protection`);
