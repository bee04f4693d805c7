import type { Client } from '../../../prisma/generated/client.ts';
import { actsFrozen } from '../../accounts/recovery/frozen.ts';
import { type Actor, isOperator } from '../../audit/actor.ts';
import type { AuditDetails } from '../../audit/events.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { IssuedSecret } from '../../platform/crypto/secrets.ts';
import { newPublicId, UUID } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { FROZEN } from '../frozen.ts';
import { holdOrganization } from '../organizations/hold-organization.ts';
import { settleTrustDomain } from '../trust-domain-choice.ts';
import { obligeMembers } from '../organizations/oblige-members.ts';
import { judgeAppName, NAME_TAKEN, nameIsTaken } from './app-names.ts';
import { type AppType, type AuthMethod, chooseAuthMethod } from './app-types.ts';
import { type ClientView, type Stage, viewOf } from './client.ts';
import { judgeRedirectUris, type RedirectRules } from './redirect-uris.ts';
import { settleScopes } from './requested-scopes.ts';
import { issueSecret } from './credentials/secrets.ts';

export interface NewClient {
  readonly organizationId: string;
  readonly name: string;
  readonly type: AppType;
  readonly redirectUris?: readonly string[];
  readonly postLogoutRedirectUris?: readonly string[];
  readonly scopes?: readonly string[];
  readonly resources?: readonly string[];
  readonly authMethod?: string | undefined;
  /** Set by operators only, never by the app's owner: consent is skipped. */
  readonly firstParty?: boolean;
  /** One of its maker's own, the first where none is named; for operators any, and main. */
  readonly trustDomainId?: string | undefined;
  /** Registered with an access code and no account: it counts as nobody's own app. */
  readonly sponsored?: boolean;
  /** What operators make is live; everything else starts in development unless a rule of ours says otherwise. */
  readonly stage?: Stage;
}

type ClientFault =
  | 'organization'
  | 'name'
  | 'auth-method'
  | 'redirect-uri'
  | 'scope'
  | 'resource'
  | 'trust-domain'
  | 'too-many'
  | 'frozen';

export type ClientCreation =
  | { readonly ok: true; readonly client: ClientView; readonly issued?: IssuedSecret }
  | Refused<ClientFault>;

/** Without a live app an organization may have this many, so that nobody collects them in stock. */
export const MOST_APPS_UNPROVEN = 3;
export const MOST_APPS = 100;

/** Registers an app. Types that keep secrets get one; it leaves here once and is stored as a digest. */
export async function createClient(
  platform: Platform,
  actor: Actor,
  input: NewClient,
): Promise<ClientCreation> {
  const stage = input.stage ?? (isOperator(actor) ? 'live' : 'development');
  const judged = judgeInput(platform, actor, input, {
    loopback: !platform.config.production || stage === 'development',
  });
  if (!judged.ok) return judged;

  return inTransaction(platform, async (tx): Promise<ClientCreation> => {
    const room = await roomForApp(tx, actor, input.organizationId);
    if (!room.ok) return room;
    const domain = await settleTrustDomain(tx, actor, input.trustDomainId);
    if (!domain.ok) return domain;
    const { organizationId, sponsored, type, scopes = [], resources = [] } = input;
    if (await nameIsTaken(tx, actor, { ...judged.client, organizationId, sponsored })) return NAME_TAKEN;
    const settled = await settleScopes(tx, { organizationId, type, scopes, resources });
    if (!settled.ok) return settled;

    const { trustDomainId } = domain;
    const data = { ...newRow(tx, input), trustDomainId, stage, ...judged.client, ...settled.registered };
    const client = await tx.db.client.create({ data, include: { organization: true } });
    const issued = client.authMethod.startsWith('client_secret')
      ? await issueSecret(tx, actor, client.id)
      : undefined;
    await recordEvent(tx, actor, 'client.created', { kind: 'client', id: client.id }, recorded(client));
    await obligeMembers(tx, actor, organizationId);
    return { ok: true, client: viewOf(client), ...(issued && { issued }) };
  });
}

/** Two members who register at the same moment wait for each other here, so that the limit is exact. */
async function roomForApp(
  tx: Platform,
  actor: Actor,
  organizationId: string,
): Promise<{ readonly ok: true } | Refused<ClientFault>> {
  if (await actsFrozen(tx, actor)) return refused('frozen', FROZEN);
  if (!UUID.test(organizationId) || !(await holdOrganization(tx, organizationId))) {
    return refused('organization', 'No organization has this ID. Create it first.');
  }
  if (actor.kind !== 'account') return { ok: true };
  const own = { organizationId, sponsored: false };
  const apps = await tx.db.client.count({ where: own });
  const isProven = (await tx.db.client.count({ where: { ...own, stage: 'live', suspendedAt: null } })) > 0;
  const most = isProven ? MOST_APPS : MOST_APPS_UNPROVEN;
  if (apps < most) return { ok: true };
  return refused(
    'too-many',
    isProven
      ? `An organization has at most ${MOST_APPS} apps. Delete one that is no longer used.`
      : `Until one of its apps is live, an organization has at most ${MOST_APPS_UNPROVEN}. Delete one, or go live with one.`,
  );
}

function newRow({ clock }: Platform, input: NewClient) {
  const { organizationId, type, firstParty = false, sponsored = false } = input;
  const now = clock.now();
  return {
    id: newPublicId('app'),
    ...{ organizationId, type, firstParty, sponsored, createdAt: now, updatedAt: now },
  };
}

function recorded(client: Client): AuditDetails {
  const {
    organizationId: organization,
    name,
    type,
    authMethod,
    redirectUris,
    scopes,
    firstParty,
    stage,
  } = client;
  return { organization, name, type, authMethod, redirectUris, scopes, firstParty, stage };
}

interface JudgedClient {
  readonly name: string;
  readonly nameKey: string;
  readonly authMethod: AuthMethod;
  readonly redirectUris: string[];
  readonly postLogoutRedirectUris: string[];
}

/** What can be judged without looking anything up. */
function judgeInput(
  platform: Platform,
  actor: Actor,
  input: NewClient,
  rules: RedirectRules,
): { ok: true; client: JudgedClient } | Refused<ClientFault> {
  const named = judgeAppName(platform, actor, input.name);
  if (!named.ok) return named;
  const chosen = chooseAuthMethod(input.type, input.authMethod);
  if (!chosen.ok) return refused('auth-method', chosen.sentence);
  const uris = judgeRedirectUris(input, input.type, rules);
  if (!uris.ok) return refused('redirect-uri', uris.sentence);
  const { redirectUris, postLogoutRedirectUris } = uris;
  return {
    ok: true,
    client: {
      ...{ name: named.name, nameKey: named.nameKey, authMethod: chosen.authMethod },
      ...{ redirectUris, postLogoutRedirectUris },
    },
  };
}
