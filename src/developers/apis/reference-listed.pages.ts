import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { memberOf } from '../organizations/require-member.ts';
import { renderPortalPage } from '../portal-page.ts';
import { describeReference } from './reference/described.ts';
import { findReadableReference } from './reference/readers.ts';
import { ReferencePage } from './reference-page.ts';

/** GET …/catalogue/:listed/reference: for whoever may use the API of somebody else. */
export function showListedReference(platform: Platform): Handler {
  return async (ctx) => {
    const { from } = ReferencePage.parse({ ...ctx.query });
    const found = await findReadableReference(
      platform,
      memberOf(ctx).organization.id,
      String(ctx.params.listed),
    );
    if (!found) throw new Refusal('not-found', 'portal.nothing-here');
    const data = { api: found.api, reference: describeReference(found.document, from) };
    renderPortalPage(ctx, 'developers/apis/reference-listed', data);
  };
}
