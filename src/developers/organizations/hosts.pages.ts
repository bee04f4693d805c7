import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { organizationPath, problemOf, renderPortalPage } from '../portal-page.ts';
import { proveHost } from './host-proofs.ts';
import { type ClaimedHost, claimHost, findHost, listHosts, removeHost } from './hosts.ts';
import { fileAddress, recordName } from './proof-sources.ts';
import { memberOf } from './require-member.ts';

const hostsPath = (ctx: Context) => `${organizationPath(memberOf(ctx).organization.id)}/hosts`;

/** GET …/hosts */
export function showHosts(platform: Platform): Handler {
  return (ctx) => renderHosts(platform, ctx, {});
}

async function renderHosts(platform: Platform, ctx: Context, data: object, status = 200): Promise<void> {
  const hosts = await listHosts(platform, memberOf(ctx).organization.id);
  renderPortalPage(ctx, 'developers/organizations/hosts', { hosts, ...data }, { status });
}

const NewHost = z.object({ host: z.string().trim().min(1) });

/** POST …/hosts: to the page that says how to prove it. */
export function submitHost(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId, organization } = memberOf(ctx);
    const form = await readForm(ctx, NewHost);
    if (!form.ok) return renderHosts(platform, ctx, form, 422);
    const wish = { ...form.value, organizationId: organization.id };
    const claimed = await claimHost(platform, accountActor(ctx, accountId), wish);
    if (claimed.ok) return seeOther(ctx, `${hostsPath(ctx)}/${claimed.host}`);
    const problems = problemOf(claimed, { 'too-many': 'form', frozen: 'form' });
    return renderHosts(platform, ctx, { problems, entered: form.value }, 422);
  };
}

/** GET …/hosts/:host: where its proof is looked for. */
export function showHost(platform: Platform): Handler {
  return async (ctx) => renderHost(ctx, await hostOfPage(platform, ctx), {});
}

async function hostOfPage(platform: Platform, ctx: Context): Promise<ClaimedHost> {
  const wish = { organizationId: memberOf(ctx).organization.id, host: String(ctx.params.host) };
  const host = await findHost(platform, wish);
  if (!host) throw new Refusal('not-found', 'portal.nothing-here');
  return host;
}

function renderHost(ctx: Context, host: ClaimedHost, data: object, status = 200): void {
  const places = { record: recordName(host.host), file: fileAddress(host.host) };
  renderPortalPage(ctx, 'developers/organizations/hosts-proof', { host, places, ...data }, { status });
}

const Proof = z.object({ method: z.enum(['dns', 'file']) });

/** POST …/hosts/:host/proofs: looks now. */
export function submitProof(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId, organization } = memberOf(ctx);
    const form = await readForm(ctx, Proof);
    const host = await hostOfPage(platform, ctx);
    if (!form.ok) return renderHost(ctx, host, { problems: { form: 'forms.wrong' } }, 422);
    const wish = { organizationId: organization.id, host: host.host, ...form.value };
    const proven = await proveHost(platform, accountActor(ctx, accountId), wish);
    if (proven.ok) return seeOther(ctx, `${hostsPath(ctx)}/${host.host}`);
    const problems = { form: Object.values(problemOf(proven))[0] };
    renderHost(ctx, host, { problems }, 422);
  };
}

/** POST …/hosts/:host/removal */
export function submitHostRemoval(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const { accountId, organization } = memberOf(ctx);
    const wish = { organizationId: organization.id, host: String(ctx.params.host) };
    const removed = await removeHost(platform, accountActor(ctx, accountId), wish);
    if (removed.ok) return seeOther(ctx, hostsPath(ctx));
    return renderHosts(platform, ctx, { problems: { form: Object.values(problemOf(removed))[0] } }, 422);
  };
}

/** GET where only a button leads: whoever had to sign in before it took effect. */
export const showHostInstead: Handler = (ctx) => seeOther(ctx, `${hostsPath(ctx)}/${ctx.params.host}`);
