import { createAccount } from '../../src/accounts/account.ts';
import type { Actor } from '../../src/audit/actor.ts';
import type { Platform } from '../../src/platform/platform.ts';
import type { Installation } from './installation.ts';
import type { Person } from './people.ts';
import { many } from './tokens.ts';

const OPERATOR: Actor = { kind: 'cli', id: 'bench' };
const PASSWORD = 'violet kettle under moss';

/** Many people with a verified address and an authenticator, on one handle: a command each would take minutes. */
export async function newCrowd(installation: Installation, count: number): Promise<Person[]> {
  const platform = await installation.openPlatform();
  try {
    return await many(count, (index) => createPerson(platform, `guest-${index}`));
  } finally {
    await platform.close();
  }
}

export async function createPerson(platform: Platform, name: string): Promise<Person> {
  const email = `${name}@bench.example`;
  const input = { email, name, password: PASSWORD, verified: true, totp: true };
  const created = await createAccount(platform, OPERATOR, input);
  if (!created.ok || !created.otpauthUri) throw new Error(`no account for ${email}`);
  const seed = new URL(created.otpauthUri).searchParams.get('secret') ?? '';
  return { id: created.account.id, email, password: PASSWORD, seed };
}
