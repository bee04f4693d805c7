import { accountActor } from '../../../accounts/actor.ts';
import { placeInWords } from '../../../accounts/sessions/place-in-words.ts';
import type { Actor } from '../../../audit/actor.ts';
import type { Context } from '../../../platform/web/context.ts';
import type { Api } from '../../apis/api.ts';
import { apiOf } from '../../apis/require-api.ts';
import { memberOf } from '../../organizations/require-member.ts';
import { type AuthMethod, keepsSecrets } from '../app-types.ts';
import type { ClientView } from '../client.ts';
import type { CredentialChange } from './credential-holders.ts';
import { credentialsPath } from './credential-letters.ts';
import { appOf } from '../require-app.ts';

/** Whose credentials the pages are about: the app or the API that the address names. */
export interface PageHolder {
  readonly app?: ClientView;
  readonly api?: Api;
  readonly clientId: string;
  readonly name: string;
  readonly authMethod: AuthMethod;
  /** May hold something secret. */
  readonly keeps: boolean;
  /** The address of the list, which the others lie below. */
  readonly path: string;
}

/** Behind requireApp or requireApi. */
export function holderOf(ctx: Context): PageHolder {
  const { organization } = memberOf(ctx);
  if (ctx.params.client === undefined) {
    const api = apiOf(ctx);
    const path = credentialsPath({ kind: 'api', id: api.id, organizationId: organization.id });
    return {
      api,
      clientId: api.clientId,
      name: api.name,
      authMethod: 'client_secret_basic',
      keeps: true,
      path,
    };
  }
  const app = appOf(ctx);
  const { id, name, type, authMethod } = app;
  const path = credentialsPath({ kind: 'client', id, organizationId: organization.id });
  return { app, clientId: id, name, authMethod, keeps: keepsSecrets(type), path };
}

/** A change that comes from these pages: of the holder in the address, in the organization in the address. */
export function changeFrom(ctx: Context): CredentialChange {
  return {
    holderId: holderOf(ctx).clientId,
    organizationId: memberOf(ctx).organization.id,
    place: placeInWords(ctx.state.address),
  };
}

/** The member who asks, as the rules want to know. */
export function memberActor(ctx: Context): Actor {
  return accountActor(ctx, memberOf(ctx).accountId);
}

/** What every view of these pages is given besides its own data. */
export function aboutHolder(ctx: Context): object {
  const holder = holderOf(ctx);
  return { holder, app: holder.app, api: holder.api, path: ctx.path };
}

/** Reasons of these rules that no field is to blame for. */
export const BESIDE_NO_FIELD = {
  'auth-method': 'form',
  holder: 'form',
  frozen: 'form',
  sponsored: 'form',
} as const;
