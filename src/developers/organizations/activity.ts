import { accountsNamed } from '../../accounts/account.ts';
import { eventsOfOrganization, type OrganizationEvent } from '../../audit/organization-events.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Words } from '../../platform/words/text-keys.ts';
import { accountsIn, ACTIONS, activityInWords } from './activity-words.ts';

/** Something that happened, as members read it. */
export interface Activity {
  readonly id: string;
  readonly at: Date;
  readonly what: Words;
  /** The suspension it is about, which has a page of its own. */
  readonly suspension?: string;
}

const PAGE = 50;

/**
 * What happened to an organization and to what it owns, newest first; `next` is `before` of the next page. Members are
 * named; whoever is none, or none any more, is not.
 */
export async function listActivity(
  platform: Platform,
  { organizationId, before }: { organizationId: string; before?: string | undefined },
): Promise<{ readonly activities: readonly Activity[]; readonly next: string | undefined }> {
  const things = await thingsOf(platform, organizationId);
  const holdings = [...things.keys()];
  const query = { organizationId, holdings, actions: ACTIONS, before, take: PAGE + 1 };
  const found = await eventsOfOrganization(platform, query);
  const page = found.slice(0, PAGE);
  const people = await membersAmong(platform, organizationId, page.flatMap(accountsIn));
  const activities = page.map((event) => ({
    ...{ id: event.id, at: event.at },
    what: activityInWords(event, { things, people }),
    ...suspensionIn(event, things),
  }));
  return { activities, next: found.length > PAGE ? page.at(-1)?.id : undefined };
}

/** What it was about has to be there still, or there is no page either. */
function suspensionIn(
  { targetKind, targetId, details: { client, api, organization } }: OrganizationEvent,
  things: ReadonlyMap<string, string>,
): Pick<Activity, 'suspension'> {
  if (targetKind !== 'suspension' || targetId === null) return {};
  return organization || things.has(String(client ?? api)) ? { suspension: targetId } : {};
}

async function membersAmong(
  platform: Platform,
  organizationId: string,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const members = await platform.db.organizationMember.findMany({
    where: { organizationId, accountId: { in: [...new Set(accountIds)] } },
    select: { accountId: true },
  });
  const people = await accountsNamed(
    platform,
    members.map(({ accountId }) => accountId),
  );
  return new Map([...people.values()].map(({ id, name }) => [id, name]));
}

/** The names of everything an organization owns, by the ids that events have. */
async function thingsOf({ db }: Platform, organizationId: string): Promise<ReadonlyMap<string, string>> {
  const where = { organizationId };
  const [clients, apis] = await Promise.all([
    db.client.findMany({ where, select: { id: true, name: true } }),
    db.api.findMany({ where, select: { id: true, clientId: true, name: true } }),
  ]);
  // What an API introspects with is known by its client id.
  const credentials = apis.map(({ clientId, name }) => ({ id: clientId, name }));
  return new Map([...clients, ...apis, ...credentials].map(({ id, name }) => [id, name]));
}
