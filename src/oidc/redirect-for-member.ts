import type { KoaContextWithOIDC } from 'oidc-provider';
import { LONGEST_URI, legible } from '../developers/insights/redaction.ts';
import { differenceOf, type UriDifference } from '../developers/insights/uri-difference.ts';
import { findMember } from '../developers/organizations/require-member.ts';
import { mayDo } from '../developers/organizations/roles.ts';
import { organizationPath } from '../developers/portal-page.ts';
import type { RequestState } from '../platform/web/context.ts';
import { registered } from './registered-clients.ts';
import { currentScope } from './request-scope.ts';

export interface RedirectForMember {
  readonly difference?: UriDifference;
  /** Where the URI can be added, for roles that may. */
  readonly next?: string;
}

/**
 * What tells the redirect URI of this request from the registered ones, where the browser belongs to a member of the
 * app's organization. Everybody else learns nothing of what an app registered.
 */
export async function redirectForMember(ctx: KoaContextWithOIDC): Promise<RedirectForMember | undefined> {
  const { platform, requestId } = ctx.state as RequestState;
  const { browserSession } = currentScope();
  const { client, params } = ctx.oidc;
  const sent = params?.redirect_uri;
  if (!browserSession || !client || typeof sent !== 'string') return undefined;
  const { id, kind, organizationId, redirectUris } = registered(client);
  if (kind !== 'app') return undefined;
  const member = await findMember(platform, browserSession.accountId, organizationId);
  if (!member) return undefined;
  const difference = differenceOf(legible(sent, LONGEST_URI), redirectUris);
  const path = `${organizationPath(organizationId)}/apps/${id}/redirect-uris/additions`;
  return {
    ...(difference && { difference }),
    ...(mayDo(member.role, 'build') && { next: `${path}?${new URLSearchParams({ request: requestId })}` }),
  };
}
