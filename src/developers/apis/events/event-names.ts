/** What an API can be told of. Each has its words in the portal (event-targets.event-<name with dashes>). */
export const EVENTS = [
  'session.ended',
  'credential.changed',
  'consent.withdrawn',
  'account.closed',
  'access.suspended',
  'access.resumed',
  'client.suspended',
  'client.resumed',
] as const;

export type EventName = (typeof EVENTS)[number];

/** Sent when a target is added and when its owner asks for one; nobody chooses it. */
export const TEST_EVENT = 'target.tested';

export type SentEvent = EventName | typeof TEST_EVENT;
