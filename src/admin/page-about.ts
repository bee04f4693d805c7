/** The rooms of the console that have a page for each thing of a kind. */
const ROOMS: Readonly<Record<string, string>> = {
  account: 'accounts',
  operator: 'accounts',
  organization: 'organizations',
  client: 'clients',
  alert: 'alerts',
  suspension: 'suspensions',
  'two-person-act': 'two-person-acts',
};

/** The page of the console about a thing that events and alerts name by its id; undefined where there is none. */
export function pageAbout(kind: string, id: string | null): string | undefined {
  const room = ROOMS[kind];
  return room && id ? `/admin/${room}/${encodeURIComponent(id)}` : undefined;
}
