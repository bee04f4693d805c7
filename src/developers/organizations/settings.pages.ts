import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { type Problems, readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { organizationPath, problemOf, renderPortalPage } from '../portal-page.ts';
import { leaveOrganization } from './members.ts';
import { deleteOrganization, offerTransfer, renameOrganization } from './ownership.ts';
import { memberOf } from './require-member.ts';
import { ROLES } from './roles.ts';

/** GET …/settings: its name, and the ways out. */
export const showSettings: Handler = (ctx) => renderSettings(ctx);

const Name = z.object({ name: z.string().max(1000) });

/** POST …/settings */
export function submitSettings(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Name);
    if (!form.ok) return renderSettings(ctx, form);
    const { organization, accountId } = memberOf(ctx);
    const wish = { organizationId: organization.id, ...form.value };
    const outcome = await renameOrganization(platform, accountActor(ctx, accountId), wish);
    if (outcome.ok) return seeOther(ctx, `${pathOf(ctx)}?renamed`);
    renderSettings(ctx, { problems: problemOf(outcome, ABOUT_FORM), entered: form.value });
  };
}

/** GET …/settings/transfer */
export const showTransfer: Handler = (ctx) => renderTransfer(ctx);

const HEIRS_ROLES = ROLES.filter((role) => role !== 'owner');
const Transfer = z.object({
  email: z.string().max(1024),
  role: z.enum(HEIRS_ROLES as ['developer', 'viewer', 'security'], 'organizations.choose-role'),
  name: z.string().max(1000),
});

/** POST …/settings/transfer */
export function submitTransfer(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Transfer);
    if (!form.ok) return renderTransfer(ctx, form);
    const { organization, accountId } = memberOf(ctx);
    const { name: typedName, ...rest } = form.value;
    const offer = { organizationId: organization.id, invitedBy: accountId, typedName, ...rest };
    const outcome = await offerTransfer(platform, accountActor(ctx, accountId), offer);
    if (outcome.ok) return seeOther(ctx, `${organizationPath(organization.id)}/invitations?sent`);
    renderTransfer(ctx, { problems: problemOf(outcome, ABOUT_FORM), entered: form.value });
  };
}

const Sure = z.object({ sure: z.literal('yes', 'organizations.tick-to-leave') });

/** GET …/settings/leaving */
export const showLeaving: Handler = (ctx) => renderPart(ctx, 'leaving');

/** POST …/settings/leaving */
export function submitLeaving(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Sure);
    if (!form.ok) return renderPart(ctx, 'leaving', form);
    const { organization, accountId } = memberOf(ctx);
    const place = { organizationId: organization.id, accountId };
    const outcome = await leaveOrganization(platform, accountActor(ctx, accountId), place);
    if (outcome.ok) return seeOther(ctx, '/developers');
    renderPart(ctx, 'leaving', { problems: problemOf(outcome, { ...ABOUT_FORM, 'last-owner': 'form' }) });
  };
}

/** GET …/settings/deletion */
export const showDeletion: Handler = (ctx) => renderPart(ctx, 'deletion');

/** POST …/settings/deletion */
export function submitDeletion(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Name);
    if (!form.ok) return renderPart(ctx, 'deletion', form);
    const { organization, accountId } = memberOf(ctx);
    const wish = { organizationId: organization.id, typedName: form.value.name };
    const outcome = await deleteOrganization(platform, accountActor(ctx, accountId), wish);
    if (outcome.ok) return seeOther(ctx, '/developers');
    renderPart(ctx, 'deletion', { problems: problemOf(outcome, ABOUT_FORM), entered: form.value });
  };
}

const ABOUT_FORM = {
  'not-allowed': 'form',
  frozen: 'form',
  limit: 'form',
  'no-member': 'form',
  'own-role': 'form',
  'not-empty': 'form',
  operator: 'form',
} as const;

interface Failed {
  readonly problems: Problems;
  readonly entered?: Readonly<Record<string, string>>;
}

function pathOf(ctx: Context): string {
  return `${organizationPath(memberOf(ctx).organization.id)}/settings`;
}

function renderSettings(ctx: Context, failed?: Failed): void {
  const data = { path: pathOf(ctx), renamed: ctx.query.renamed !== undefined, ...failed };
  renderPortalPage(ctx, 'developers/organizations/settings', data, { status: failed ? 422 : 200 });
}

function renderTransfer(ctx: Context, failed?: Failed): void {
  const data = { path: `${pathOf(ctx)}/transfer`, roles: HEIRS_ROLES, ...failed };
  renderPortalPage(ctx, 'developers/organizations/settings-transfer', data, { status: failed ? 422 : 200 });
}

function renderPart(ctx: Context, part: 'leaving' | 'deletion', failed?: Failed): void {
  const data = { path: `${pathOf(ctx)}/${part}`, ...failed };
  const options = { status: failed ? 422 : 200 };
  if (part === 'leaving') renderPortalPage(ctx, 'developers/organizations/settings-leaving', data, options);
  else renderPortalPage(ctx, 'developers/organizations/settings-deletion', data, options);
}
