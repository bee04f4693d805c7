import { insertAccount } from '../../src/accounts/account.ts';
import { hashPassword } from '../../src/accounts/credentials/password.ts';
import { createConfirmedDevice } from '../../src/accounts/credentials/totp.ts';
import type { Platform } from '../../src/platform/platform.ts';
import type { Installation } from './installation.ts';
import type { Person } from './people.ts';
import { many } from './tokens.ts';

const PASSWORD = 'violet kettle under moss';

/** Many people with a verified address and an authenticator. They share one hash: one each would take a minute. */
export async function newCrowd(installation: Installation, count: number): Promise<Person[]> {
  const platform = await installation.openPlatform();
  try {
    const phc = await hashPassword(platform, PASSWORD);
    return await many(count, (index) => insertPerson(platform, `guest-${index}`, phc));
  } finally {
    await platform.close();
  }
}

export async function createPerson(platform: Platform, name: string): Promise<Person> {
  return insertPerson(platform, name, await hashPassword(platform, PASSWORD));
}

/** `password` is what `phc` was made of. */
export async function insertPerson(
  platform: Platform,
  name: string,
  phc: string,
  password = PASSWORD,
): Promise<Person> {
  const email = `${name}@bench.example`;
  const address = { email, emailKey: email };
  const account = await insertAccount(platform, { address, name, phc, verified: true, operator: false });
  if (!account) throw new Error(`${email} is taken`);
  const { seed } = await createConfirmedDevice(platform, { accountId: account.id, email });
  return { id: account.id, email, password, seed };
}
