import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Handler } from '../../platform/web/context.ts';
import { memberOf } from '../organizations/require-member.ts';
import { mayDo } from '../organizations/roles.ts';
import { renderPortalPage } from '../portal-page.ts';
import { errorDocHref } from '../support/library.ts';
import { compareParams } from './compare-requests.ts';
import { curlOf } from './curl.ts';
import { type Diagnosis, diagnose } from './diagnosis.ts';
import type { CallFacts } from './call-facts.ts';
import { findLastGood, findRequest, type RequestDetail } from './request-search.ts';
import type { Holder } from './request-holder.ts';
import { differenceOf } from './uri-difference.ts';

/** GET …/requests/:request: what was checked, why it was refused, what to do, and what was sent and answered. */
export function showRequest(platform: Platform, holderOf: Holder): Handler {
  return async (ctx) => {
    const holder = holderOf(ctx);
    const request = await findRequest(platform, holder.clientId, String(ctx.params.request));
    if (!request) throw new Refusal('not-found', 'portal.nothing-here');
    const { facts } = request;
    const diagnosis = facts ? diagnose({ ...request, facts }) : undefined;
    const good = diagnosis?.cause && (await findLastGood(platform, holder.clientId, request));
    renderPortalPage(ctx, 'developers/insights/request', {
      ...{ ...holder, request, facts, diagnosis, docs: errorDocHref(request.error ?? '') },
      ...(facts && { curl: curlOf(platform.config.issuer, facts), difference: difference(facts) }),
      ...(facts && good?.facts && { good, compared: compareParams(facts, good.facts) }),
      addition:
        holder.app && mayAdd(memberOf(ctx).role, request, diagnosis) && additionPath(holder.path, request),
    });
  };
}

function difference({ params, redirectUris }: CallFacts) {
  const sent = params.find(([name]) => name === 'redirect_uri')?.[1];
  return redirectUris && sent !== undefined ? differenceOf(sent, redirectUris) : undefined;
}

/** Only what the browser of a member sent: anybody else could put a URI of their own here. */
function mayAdd(
  role: Parameters<typeof mayDo>[0],
  { proven }: RequestDetail,
  diagnosis: Diagnosis | undefined,
) {
  return proven && diagnosis?.cause?.name === 'redirect-uri' && mayDo(role, 'build');
}

function additionPath(path: string, { requestId }: RequestDetail): string {
  return `${path}/redirect-uris/additions?${new URLSearchParams({ request: requestId })}`;
}
