import type { AuditAction } from '../../audit/events.ts';
import type { OrganizationEvent } from '../../audit/organization-events.ts';
import type { TextKey, Value, Words } from '../../platform/words/text-keys.ts';

/** Every action that has a text `activity.<action>`, suspensions one for each state; whatever else is recorded is none of the members' business. */
export const ACTIONS: readonly AuditAction[] = [
  'organization.created',
  'organization.renamed',
  'organization.transferred',
  'invitation.sent',
  'invitation.withdrawn',
  'invitation.accepted',
  'invitation.declined',
  'member.added',
  'member.role-changed',
  'member.removed',
  'host.claimed',
  'host.proven',
  'host.removed',
  'client.created',
  'client.changed',
  'client.suspended',
  'client.resumed',
  'client.deleted',
  'client.went-live',
  'client.verified',
  'client.verification-lost',
  'client-review.asked',
  'client-review.decided',
  'client-tester.added',
  'client-tester.removed',
  'client-secret.issued',
  'client-secret.rotated',
  'client-secret.ended',
  'client-secret.reported',
  'client-key.added',
  'client-key.ended',
  'token.reported',
  'api.created',
  'api.changed',
  'api.approved',
  'api.deleted',
  'api-terms.published',
  'api-terms.accepted',
  'api-reference.uploaded',
  'report-key.added',
  'report-key.ended',
  'event-target.added',
  'event-target.changed',
  'event-target.removed',
  'api-opening.made',
  'api-opening.ended',
  'scope.changed',
  'scope.removed',
  'access.granted',
  'access.changed',
  'access.ended',
  'access-request.made',
  'access-request.decided',
  'access-request.withdrawn',
  'access-code.made',
  'access-code.ended',
  'access-code.redeemed',
  'suspension.started',
  'suspension.moved',
  'suspension.ended',
];

/** Whose names may be said. */
export interface Known {
  /** Names of apps and APIs by id. */
  readonly things: ReadonlyMap<string, string>;
  /** Names of members by the id of their account. */
  readonly people: ReadonlyMap<string, string>;
}

/** One event in a sentence. */
export function activityInWords(event: OrganizationEvent, known: Known): Words {
  const { details } = event;
  const values: Record<string, Value> = {
    who: whoIn(event, known),
    whom: personNamed(
      textOf(event.action === 'organization.transferred' ? details.from : details.account),
      known,
    ),
    what: whatIn(event, known),
    app: known.things.get(textOf(details.client)) ?? { key: 'activity.app-elsewhere' },
    api: known.things.get(textOf(details.api)) ?? { key: 'activity.api-elsewhere' },
    role: roleIn(textOf(details.role)),
    kind: kindIn(textOf(details.kind)),
  };
  return { key: keyOf(event), values };
}

function keyOf({ action, targetKind, details }: OrganizationEvent): TextKey {
  if (action === 'member.removed' && details.left === true) return 'activity.member-left';
  if (targetKind !== 'suspension') return `activity.${action.replace('.', '-')}` as TextKey;
  const { state, kind, by } = details;
  if (state === 'ended') return `activity.suspension-ended-${textOf(by)}` as TextKey;
  return `activity.suspension-${textOf(state)}${/^access/.test(textOf(kind)) ? '-at-api' : ''}` as TextKey;
}

function whoIn({ actorKind, actorId, action }: OrganizationEvent, known: Known): Value {
  if (actorKind === 'cli' || actorKind === 'operator') return { key: 'activity.who-operator' };
  if (actorKind === 'job') return { key: 'activity.who-service' };
  if (actorKind === 'client') return { key: 'activity.who-app' };
  if (actorKind !== 'account') return { key: 'activity.who-visitor' };
  const name = known.people.get(actorId ?? '');
  if (name) return name;
  return { key: /^(access|api-terms)/.test(action) ? 'activity.who-outside' : 'activity.who-former' };
}

function personNamed(accountId: string, { people }: Known): Value {
  return people.get(accountId) ?? { key: 'activity.who-former' };
}

/** The app or API it was done to, or what was named then. */
function whatIn({ targetKind, targetId, details }: OrganizationEvent, { things }: Known): Value {
  const named = textOf(details.host) || textOf(details.name);
  if (targetKind === 'suspension') return suspendedIn(details, things);
  if (targetKind === 'organization') return named || { key: 'activity.something-gone' };
  return things.get(targetId ?? '') ?? (named || { key: 'activity.something-gone' });
}

function suspendedIn(
  { client, api, organization }: OrganizationEvent['details'],
  things: Known['things'],
): Value {
  if (organization) return { key: 'activity.all-of-organization' };
  return things.get(textOf(client) || textOf(api)) ?? { key: 'activity.something-gone' };
}

function roleIn(role: string): Value {
  return role ? { key: `organizations.role-${role}` as TextKey } : '';
}

function kindIn(kind: string): Value {
  return kind ? { key: `activity.kind-${kind}` as TextKey } : '';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The accounts that an event names. */
export function accountsIn({ actorKind, actorId, details }: OrganizationEvent): string[] {
  const named = [
    actorKind === 'account' ? (actorId ?? '') : '',
    textOf(details.account),
    textOf(details.from),
  ];
  return named.filter((id) => id !== '');
}
