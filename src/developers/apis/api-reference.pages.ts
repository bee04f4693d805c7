import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { readForm } from '../../platform/web/forms.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { readUpload } from '../../platform/web/uploads.ts';
import { memberOf } from '../organizations/require-member.ts';
import { organizationPath, problemOf, renderPortalPage } from '../portal-page.ts';
import { describeReference } from './reference/described.ts';
import { LARGEST_DOCUMENT } from './reference/document.ts';
import { type Finding, lintReference } from './reference/lint.ts';
import { findReference, removeReference, uploadReference } from './reference/reference.ts';
import { ReferencePage } from './reference-page.ts';
import { apiOf } from './require-api.ts';
import { scopesOf } from './scopes/scope-changes.ts';

const referencePath = (ctx: Context) =>
  `${organizationPath(memberOf(ctx).organization.id)}/apis/${apiOf(ctx).id}/reference`;

/** GET …/apis/:api/reference: what was uploaded, page by page, and what it lacks. */
export function showReference(platform: Platform): Handler {
  return (ctx) => renderReference(platform, ctx, {});
}

async function renderReference(platform: Platform, ctx: Context, data: object, status = 200): Promise<void> {
  const api = apiOf(ctx);
  const { from } = ReferencePage.parse({ ...ctx.query });
  const found = await findReference(platform, api.id);
  const scopes = (await scopesOf(platform, api.id)).map(({ name }) => name);
  const reference = found && {
    ...describeReference(found.document, from),
    uploadedAt: found.uploadedAt,
    findings: byRule(lintReference(found.document, scopes)),
  };
  renderPortalPage(ctx, 'developers/apis/api-reference', { api, reference, ...data }, { status });
}

/** Findings of one rule together, the first of them named. */
function byRule(findings: readonly Finding[]) {
  const rules = [...new Set(findings.map(({ rule }) => rule))];
  return rules.map((rule) => {
    const places = findings.filter((one) => one.rule === rule).map(({ where }) => where);
    return { rule, count: places.length, places: places.slice(0, 20) };
  });
}

/** POST …/apis/:api/reference, with a file. */
export function submitReference(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId, organization } = memberOf(ctx);
    const limits = { file: 'document', maxBytes: LARGEST_DOCUMENT };
    const { upload } = await readUpload(ctx, z.object({}), limits);
    if (!upload)
      return renderReference(platform, ctx, { problems: { document: 'developer-apis.no-file' } }, 422);
    if (upload.tooLarge) {
      const problems = { document: 'developer-apis.file-too-large' };
      return renderReference(platform, ctx, { problems }, 422);
    }
    const wish = { apiId: apiOf(ctx).id, organizationId: organization.id, bytes: upload.bytes };
    const uploaded = await uploadReference(platform, accountActor(ctx, accountId), wish);
    if (uploaded.ok) return seeOther(ctx, referencePath(ctx));
    return renderReference(platform, ctx, { problems: problemOf(uploaded, { api: 'form' }) }, 422);
  };
}

/** POST …/apis/:api/reference/removal */
export function submitReferenceRemoval(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}));
    const { accountId, organization } = memberOf(ctx);
    const wish = { apiId: apiOf(ctx).id, organizationId: organization.id };
    await removeReference(platform, accountActor(ctx, accountId), wish);
    seeOther(ctx, referencePath(ctx));
  };
}

/** GET where only a button leads: whoever had to sign in before it took effect. */
export const showReferenceInstead: Handler = (ctx) => seeOther(ctx, referencePath(ctx));
