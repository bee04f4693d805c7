import { createAccount } from '../../src/accounts/account.ts';
import type { Actor } from '../../src/audit/actor.ts';
import { createApi, type NewApi } from '../../src/developers/apis/api.ts';
import { createClient, type NewClient } from '../../src/developers/clients/registration.ts';
import { createOrganization } from '../../src/developers/organizations/organization.ts';
import type { Platform } from '../../src/platform/platform.ts';

export const operator: Actor = { kind: 'cli', id: 'tester' };

let made = 0;

/** An organization with an owner of its own; answers its id. */
export async function anOrganization(platform: Platform, name = 'Acme'): Promise<string> {
  made += 1;
  const email = `owner-${made}@example.com`;
  const person = { email, name: 'Olive Owner', password: 'plum kettle orbit 93', verified: true };
  ok(await createAccount(platform, operator, person));
  return ok(await createOrganization(platform, operator, { name, ownerEmail: email })).organization.id;
}

/** An API with a read and a write scope for notes; answers it with its secret. */
export async function anApi(platform: Platform, organizationId: string, api: Partial<NewApi> = {}) {
  made += 1;
  const scopes = [
    { name: 'notes:read', description: 'Read your notes' },
    { name: 'notes:write', description: 'Change your notes' },
  ];
  const identifier = `https://notes-${made}.example`;
  return ok(
    await createApi(platform, operator, { organizationId, identifier, name: 'Notes', scopes, ...api }),
  );
}

/** A web app; answers it with its secret. */
export async function aClient(platform: Platform, organizationId: string, client: Partial<NewClient> = {}) {
  const redirectUris = client.type === 'machine' ? [] : ['https://app.example.com/callback'];
  const web = { organizationId, name: 'Planner', type: 'web', redirectUris } as const;
  return ok(await createClient(platform, operator, { ...web, ...client }));
}

/** The outcome of a rule that must not be refused. */
export function ok<Outcome extends { ok: boolean }>(outcome: Outcome): Extract<Outcome, { ok: true }> {
  if (outcome.ok) return outcome as Extract<Outcome, { ok: true }>;
  throw new Error(`refused: ${JSON.stringify(outcome)}`);
}

/** The names of the hot-path statements that run while `work` does. */
export async function statementsOf(
  { sql }: Pick<Platform, 'sql'>,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const { run } = sql;
  const seen: string[] = [];
  sql.run = (statement, values) => {
    seen.push(statement.name);
    return run(statement, values);
  };
  try {
    await work();
  } finally {
    sql.run = run;
  }
  return seen;
}
