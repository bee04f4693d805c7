import { accountActor } from '../../accounts/actor.ts';
import { placeInWords } from '../../accounts/sessions/place-in-words.ts';
import type { Actor } from '../../audit/actor.ts';
import type { Context } from '../../platform/web/context.ts';
import type { CredentialChange } from '../clients/credentials/credential-holders.ts';
import { memberOf } from '../organizations/require-member.ts';
import { organizationPath } from '../portal-page.ts';
import { apiOf } from './require-api.ts';

/** A change that comes from the pages of an API: of the one in the address, in the organization in the address. */
export function apiChangeFrom(ctx: Context): CredentialChange {
  return {
    holderId: apiOf(ctx).clientId,
    organizationId: memberOf(ctx).organization.id,
    place: placeInWords(ctx.state.address),
  };
}

/** The member who asks, as the rules want to know. */
export function apiMemberActor(ctx: Context): Actor {
  return accountActor(ctx, memberOf(ctx).accountId);
}

/** A page of the API in the address. */
export function apiPath(ctx: Context, page: string): string {
  return `${organizationPath(memberOf(ctx).organization.id)}/apis/${apiOf(ctx).id}/${page}`;
}
