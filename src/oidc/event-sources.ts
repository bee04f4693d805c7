import type { UndeliveredEvent } from '../audit/deliveries.ts';
import type { AuditAction } from '../audit/events.ts';
import {
  clientsOf,
  type Listener,
  type Listeners,
  listenersAt,
  listenersOf,
} from '../developers/apis/events/listeners.ts';
import type { EventData, QueuedEvent } from '../developers/apis/events/queue-event.ts';
import type { Platform } from '../platform/platform.ts';
import { type Holding, holdingsOf, holdingsOfSession } from '../tokens/holdings.ts';
import { subjectFor } from './account-claims.ts';

/** What the APIs concerned are told of something that happened. */
type Told = Omit<QueuedEvent, 'at'>;
type Source = (tx: Platform, event: UndeliveredEvent, listeners: Listeners) => Promise<Told[]>;

/** Every entry of the audit trail that is news for APIs, and for which. */
export const EVENT_SOURCES: Readonly<Partial<Record<AuditAction, Source>>> = {
  'browser-session.ended': sessionEnded,
  'password.changed': credentialChanged('password', 'changed'),
  'password-reset.completed': credentialChanged('password', 'changed'),
  'totp-device.added': credentialChanged('authenticator', 'added'),
  'totp-device.removed': credentialChanged('authenticator', 'removed'),
  'passkey.added': credentialChanged('passkey', 'added'),
  'passkey.removed': credentialChanged('passkey', 'removed'),
  'recovery-codes.made': credentialChanged('recovery-codes', 'changed'),
  'factor-reset.completed': credentialChanged('second-factor', 'changed'),
  'consent.withdrawn': consentWithdrawn,
  'account.closed': accountClosed,
  'client.suspended': async (tx, { targetId }, listeners) =>
    clientNews(tx, listeners, 'client.suspended', [String(targetId)], { until: null }),
  'client.resumed': async (tx, { targetId }, listeners) =>
    clientNews(tx, listeners, 'client.resumed', [String(targetId)], {}),
  'suspension.started': suspensionChanged,
  'suspension.moved': suspensionChanged,
  'suspension.ended': suspensionChanged,
};

async function sessionEnded(tx: Platform, { targetId, at }: UndeliveredEvent, listeners: Listeners) {
  const holdings = await holdingsOfSession(tx, String(targetId), at);
  return perApi(listeners, holdings, (api, here) => ({
    ...{ apiId: api.apiId, event: 'session.ended' },
    data: { subject: subjectAt(tx, api, String(here[0]?.accountId)), client_ids: clientsIn(here) },
  }));
}

function credentialChanged(credential: string, change: string): Source {
  return async (tx, { targetId, details, at }, listeners) => {
    const accountId = String(details.accountId ?? targetId);
    const holdings = await holdingsOf(tx, accountId, at);
    return perApi(listeners, holdings, (api) => ({
      ...{ apiId: api.apiId, event: 'credential.changed' },
      data: { subject: subjectAt(tx, api, accountId), credential, change },
    }));
  };
}

/** The consent is gone; the entry says where it held. */
async function consentWithdrawn(tx: Platform, event: UndeliveredEvent, listeners: Listeners) {
  const { targetId, details, at } = event;
  const [accountId, clientId] = [String(details.account), String(targetId)];
  const held = (await holdingsOf(tx, accountId, at)).filter((one) => one.clientId === clientId);
  const resources = [...namesIn(details.resources), ...held.map(({ resource }) => resource)];
  return listenersAt(listeners, resources).map((api): Told => {
    const data = { subject: subjectAt(tx, api, accountId), client_id: clientId };
    return { apiId: api.apiId, event: 'consent.withdrawn', data };
  });
}

async function accountClosed(tx: Platform, { targetId, details }: UndeliveredEvent, listeners: Listeners) {
  return listenersAt(listeners, namesIn(details.resources)).map((api): Told => {
    const data = { subject: subjectAt(tx, api, String(targetId)) };
    return { apiId: api.apiId, event: 'account.closed', data };
  });
}

/**
 * A suspension of a client or its access. What is only watched or slowed is nobody's news, and neither are people and
 * their grants: an API finds their tokens inactive.
 */
async function suspensionChanged(
  tx: Platform,
  { details }: UndeliveredEvent,
  listeners: Listeners,
): Promise<Told[]> {
  const { kind, client, api, organization, dryRun, until } = details;
  const stops = details.state === 'pause' || details.state === 'human';
  const paused = Number(details.level) > 0 || details.rule === 'operator' || details.rule === 'member';
  const ends = (details.state === 'probe' || details.state === 'ended') && paused;
  // Another suspension takes its place, whose start is news of its own: the two may arrive in any order.
  const replaced = details.by === 'superseded';
  if (dryRun === true || replaced || !(stops || ends)) return [];
  const news: EventData = stops ? { until: typeof until === 'string' ? until : null } : {};
  const change = stops ? 'suspended' : 'resumed';
  if (kind === 'access' || kind === 'access-writes') {
    const data = { client_id: String(client), scopes: kind === 'access' ? 'all' : 'write', ...news };
    const here = listeners.apis.filter(({ apiId }) => apiId === api);
    return here.map(({ apiId }) => ({ apiId, event: `access.${change}` as const, data }));
  }
  if (kind !== 'client' && kind !== 'organization') return [];
  const clients = kind === 'client' ? [String(client)] : await clientsOf(tx, String(organization));
  return clientNews(tx, listeners, `client.${change}`, clients, news);
}

async function clientNews(
  tx: Platform,
  listeners: Listeners,
  event: 'client.suspended' | 'client.resumed',
  clientIds: readonly string[],
  news: EventData,
): Promise<Told[]> {
  const told: Told[] = [];
  for (const clientId of clientIds) {
    const apis = await listenersOf(tx, listeners, clientId);
    told.push(...apis.map(({ apiId }) => ({ apiId, event, data: { client_id: clientId, ...news } })));
  }
  return told;
}

/** One piece of news for each listener at which something is held. */
function perApi(
  listeners: Listeners,
  holdings: readonly Holding[],
  tell: (api: Listener, here: readonly Holding[]) => Told,
): Told[] {
  return listeners.apis.flatMap((api) => {
    const here = holdings.filter(
      ({ resource }) => listenersAt({ ...listeners, apis: [api] }, [resource]).length,
    );
    return here.length > 0 ? [tell(api, here)] : [];
  });
}

/** The API's own name of a person (decision 9): what another organization calls them is not for it. */
function subjectAt(tx: Platform, { organizationId }: Listener, accountId: string): string {
  return subjectFor(tx, accountId, organizationId);
}

function clientsIn(holdings: readonly Holding[]): string[] {
  return [...new Set(holdings.map(({ clientId }) => clientId))].sort();
}

function namesIn(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
