import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { type Problems, readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { organizationPath, problemOf, renderPortalPage } from '../portal-page.ts';
import { listInvitations } from './invitation-list.ts';
import { createInvitation, renewInvitation, withdrawInvitation } from './invitations.ts';
import { memberOf } from './require-member.ts';
import { ROLES } from './roles.ts';

/** GET …/invitations: whom owners asked to join or to take over, and the form to ask somebody. */
export function showInvitations(platform: Platform): Handler {
  return (ctx) => renderInvitations(ctx, platform);
}

const Wish = z.object({ email: z.string().max(1024), role: z.enum(ROLES, 'organizations.choose-role') });

/** POST …/invitations */
export function submitInvitation(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Wish);
    if (!form.ok) return renderInvitations(ctx, platform, form);
    const { organization, accountId } = memberOf(ctx);
    const { email, role } = form.value;
    const outcome = await createInvitation(platform, accountActor(ctx, accountId), {
      ...{ organizationId: organization.id, invitedBy: accountId, email },
      to: { kind: 'member', role },
    });
    if (outcome.ok) return seeOther(ctx, `${pathOf(ctx)}?sent`);
    await renderInvitations(ctx, platform, { problems: problemOf(outcome, FIELDS), entered: form.value });
  };
}

/** POST …/invitations/:invitation/renewal: the same again, under a new link. */
export function submitRenewal(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}), { formPurpose: 'invitation-renewal' });
    const { organization, accountId } = memberOf(ctx);
    const wish = { organizationId: organization.id, id: String(ctx.params.invitation), invitedBy: accountId };
    const outcome = await renewInvitation(platform, accountActor(ctx, accountId), wish);
    if (outcome.ok || outcome.reason === 'over')
      return seeOther(ctx, pathOf(ctx) + (outcome.ok ? '?sent' : ''));
    await renderInvitations(ctx, platform, { problems: problemOf(outcome, { ...FIELDS, email: 'form' }) });
  };
}

/** POST …/invitations/:invitation/withdrawal */
export function submitWithdrawal(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}), { formPurpose: 'invitation-withdrawal' });
    const { organization, accountId } = memberOf(ctx);
    const id = String(ctx.params.invitation);
    const wish = { organizationId: organization.id, id, kinds: ['member', 'transfer'] as const };
    const outcome = await withdrawInvitation(platform, accountActor(ctx, accountId), wish);
    seeOther(ctx, pathOf(ctx) + (outcome.ok ? '?withdrawn' : ''));
  };
}

const FIELDS = { limit: 'form', 'not-allowed': 'form', frozen: 'form' } as const;

interface Failed {
  readonly problems: Problems;
  readonly entered?: Readonly<Record<string, string>>;
}

async function renderInvitations(ctx: Context, platform: Platform, failed?: Failed): Promise<void> {
  const { organization } = memberOf(ctx);
  const now = platform.clock.now();
  const invitations = (await listInvitations(platform, { organizationId: organization.id })).map((one) => ({
    ...{ ...one, expired: one.expiresAt <= now },
    path: `${pathOf(ctx)}/${one.id}`,
    what: one.to.kind === 'member' ? `organizations.role-${one.to.role}` : 'organizations.invited-to-own',
  }));
  const told = ['sent', 'withdrawn'].find((word) => ctx.query[word] !== undefined);
  const data = { invitations, path: pathOf(ctx), roles: ROLES, told, ...failed };
  renderPortalPage(ctx, 'developers/organizations/invitations', data, { status: failed ? 422 : 200 });
}

function pathOf(ctx: Context): string {
  return `${organizationPath(memberOf(ctx).organization.id)}/invitations`;
}
