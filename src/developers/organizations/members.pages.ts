import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import { Refusal } from '../../platform/errors.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { type Problems, readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { organizationPath, problemOf, renderPortalPage } from '../portal-page.ts';
import { knownSecretsOf } from '../clients/credentials/known-secrets.ts';
import { findMemberOf, type ListedMember, listMembers } from './member-list.ts';
import { changeRole, removeMember } from './members.ts';
import { memberOf } from './require-member.ts';
import { ROLES } from './roles.ts';

const Query = z.object({ after: z.string().regex(UUID).optional().catch(undefined) });

/** GET …/members */
export function showMembers(platform: Platform): Handler {
  return async (ctx) => {
    const { organization, accountId } = memberOf(ctx);
    const { after } = Query.parse({ ...ctx.query });
    const page = await listMembers(platform, { organizationId: organization.id, after });
    const removed = ctx.query.removed !== undefined;
    renderPortalPage(ctx, 'developers/organizations/members', { ...page, own: accountId, removed });
  };
}

/** GET …/members/:member */
export function showMember(platform: Platform): Handler {
  return async (ctx) => renderMember(ctx, await memberAt(ctx, platform));
}

const RoleForm = z.object({ role: z.enum(ROLES) });

/** POST …/members/:member: another role. */
export function submitRole(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, RoleForm);
    const member = await memberAt(ctx, platform);
    if (!form.ok) return renderMember(ctx, member, form.problems);
    const { accountId, organization } = memberOf(ctx);
    const wish = { organizationId: organization.id, accountId: member.accountId, role: form.value.role };
    const outcome = await changeRole(platform, accountActor(ctx, accountId), wish);
    if (outcome.ok) return seeOther(ctx, `${pathOf(ctx, member)}?changed`);
    renderMember(ctx, member, problemOf(outcome, ALL_BESIDE_ROLE));
  };
}

/** GET …/members/:member/removal: what it means, and what they may still know. */
export function showRemoval(platform: Platform): Handler {
  return async (ctx) => renderRemoval(ctx, platform, await memberAt(ctx, platform));
}

const Removal = z.object({ sure: z.literal('yes', 'organizations.tick-to-remove') });

/** POST …/members/:member/removal */
export function submitRemoval(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, Removal);
    const member = await memberAt(ctx, platform);
    if (!form.ok) return renderRemoval(ctx, platform, member, form.problems);
    const { accountId, organization } = memberOf(ctx);
    const place = { organizationId: organization.id, accountId: member.accountId };
    const outcome = await removeMember(platform, accountActor(ctx, accountId), place);
    if (outcome.ok) return seeOther(ctx, `${organizationPath(organization.id)}/members?removed`);
    renderRemoval(ctx, platform, member, problemOf(outcome, ALL_ABOUT_FORM));
  };
}

const ALL_BESIDE_ROLE = {
  'last-owner': 'role',
  'own-role': 'role',
  'not-allowed': 'form',
  'no-member': 'form',
  frozen: 'form',
} as const;

const ALL_ABOUT_FORM = { ...ALL_BESIDE_ROLE, 'last-owner': 'form', 'own-role': 'form' } as const;

/** The member that the address names, of this organization and no other. */
async function memberAt(ctx: Context, platform: Platform): Promise<ListedMember> {
  const { organization } = memberOf(ctx);
  const place = { organizationId: organization.id, accountId: String(ctx.params.member) };
  const member = await findMemberOf(platform, place);
  if (!member) throw new Refusal('not-found', 'portal.nothing-here');
  return member;
}

function pathOf(ctx: Context, { accountId }: ListedMember): string {
  return `${organizationPath(memberOf(ctx).organization.id)}/members/${accountId}`;
}

function renderMember(ctx: Context, member: ListedMember, problems?: Problems): void {
  const own = member.accountId === memberOf(ctx).accountId;
  const path = pathOf(ctx, member);
  const data = { member, own, path, roles: ROLES, changed: ctx.query.changed !== undefined, problems };
  renderPortalPage(ctx, 'developers/organizations/members-one', data, { status: problems ? 422 : 200 });
}

async function renderRemoval(
  ctx: Context,
  platform: Platform,
  member: ListedMember,
  problems?: Problems,
): Promise<void> {
  const known = await knownSecretsOf(platform, {
    organizationId: memberOf(ctx).organization.id,
    accountId: member.accountId,
  });
  const data = { member, path: pathOf(ctx, member), known, problems };
  renderPortalPage(ctx, 'developers/organizations/members-removal', data, { status: problems ? 422 : 200 });
}
