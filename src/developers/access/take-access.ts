import type { ApiOpening } from '../../../prisma/generated/client.ts';
import type { Actor } from '../../audit/actor.ts';
import { UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { type ClientView, findClient } from '../clients/client.ts';
import { addAccess } from './access.ts';
import { refuseAgain } from './access-ends.ts';
import { type Api, findApiById } from '../apis/api.ts';
import { acceptTerms } from '../apis/terms.ts';

/** A member takes for one of their apps what an API owner opened. */
export interface Taking {
  readonly openingId: string;
  readonly clientId: string;
  /** Of the app. */
  readonly organizationId: string;
  readonly accountId: string;
  /** The version of the terms that was shown and accepted; undefined where none was. */
  readonly termsVersion?: number | undefined;
}

export type Taken =
  | { readonly ok: true; readonly id: string; readonly until: Date | null }
  | Refused<'opening' | 'app' | 'terms'>;

/** Gives an app access to an API that is open to all, or to its organization. */
export async function takeAccess(platform: Platform, actor: Actor, taking: Taking): Promise<Taken> {
  return inTransaction(platform, async (tx): Promise<Taken> => {
    const opening = await holdOpening(tx, taking.openingId);
    const isOpen = opening?.kind === 'all' || opening?.organizationId === taking.organizationId;
    if (!opening || !isOpen) return refused('opening', NOT_OPEN);
    const side = await appFor(tx, taking, opening.apiId);
    if (!side.ok) return side;
    const { id: originId, apiId, scopes, days, peoplePerDay, requestsPerMinute } = opening;
    const { clientId } = taking;
    const again = await refuseAgain(tx, { clientId, originId });
    if (again) return again;
    const terms = await settleTerms(tx, actor, taking, side.api);
    if (!terms.ok) return terms;
    const origin = opening.kind === 'all' ? 'open' : 'list';
    const parties = { clientId, apiId, origin, originId, termsVersion: terms.version } as const;
    const given = { scopes, days, peoplePerDay, requestsPerMinute };
    return { ok: true, ...(await addAccess(tx, actor, { ...parties, ...given })) };
  });
}

const NOT_OPEN = 'This API is not open to your organization any more. Look for it in the catalogue.';

/** Held until the transaction ends: whoever ends the opening meanwhile waits, and then ends what came of it. */
export async function holdOpening({ db }: Platform, id: string): Promise<ApiOpening | undefined> {
  if (!UUID.test(id)) return undefined;
  await db.$executeRaw`SELECT FROM api_openings WHERE id = ${id}::uuid FOR UPDATE`;
  return (await db.apiOpening.findFirst({ where: { id, endedAt: null } })) ?? undefined;
}

export type AppSide =
  | { readonly ok: true; readonly client: ClientView; readonly api: Api }
  | Refused<'app' | 'opening'>;

/** The app of the member's own organization, and an API that it can get access to at all. */
export async function appFor(
  tx: Platform,
  { clientId, organizationId }: Pick<Taking, 'clientId' | 'organizationId'>,
  apiId: string,
): Promise<AppSide> {
  const client = await findClient(tx, clientId);
  if (!client || client.organizationId !== organizationId) return refused('app', 'Choose one of your apps.');
  const api = await findApiById(tx, apiId);
  if (!api?.approved) return refused('opening', NOT_OPEN);
  if (api.trustDomainId !== client.trustDomainId) {
    return refused('app', 'This app is of another trust domain than the API. Choose an app of the same.');
  }
  if (api.organizationId === organizationId && !client.sponsored) {
    return refused('app', 'This API is your own: your apps use it without access.');
  }
  return { ok: true, client, api };
}

export type TermsSettled = { readonly ok: true; readonly version: number } | Refused<'terms'>;

/** Accepts the terms that were shown, where the API has any. */
export async function settleTerms(
  tx: Platform,
  actor: Actor,
  { clientId, accountId, termsVersion }: Pick<Taking, 'clientId' | 'accountId' | 'termsVersion'>,
  { id: apiId, termsVersion: inForce }: Pick<Api, 'id' | 'termsVersion'>,
): Promise<TermsSettled> {
  if (inForce === 0) return { ok: true, version: 0 };
  if (termsVersion === undefined) {
    return refused('terms', 'Accept the terms of the API: it may be used under them alone.');
  }
  return acceptTerms(tx, actor, { apiId, version: termsVersion, clientId, accountId });
}
