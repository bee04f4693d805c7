import { afterAll, beforeAll, expect, it } from 'vitest';
import { tellOwners } from '../../src/developers/notices.ts';
import { waitingLetters } from '../../src/platform/mail/outbox.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { inTransaction } from '../../src/platform/transaction.ts';
import { anOrganization } from '../support/developers.ts';
import { createPerson } from '../support/people.ts';
import { openTestPlatform } from '../support/platform.ts';

let platform: OpenPlatform;

beforeAll(async () => {
  platform = await openTestPlatform();
});
afterAll(() => platform.close());

const news = (app: string) => ({
  letter: 'app-connected' as const,
  data: { app, organization: 'Acme', appsAddress: 'https://id.example/' },
});

const readersOf = async (app: string) =>
  (await waitingLetters(platform))
    .filter(({ text }) => text.includes(app))
    .map(({ to }) => to)
    .sort();

async function join(organizationId: string, role: string, locale: string | null = null) {
  const { id: accountId, email } = await createPerson(platform);
  const createdAt = platform.clock.now();
  await platform.db.organizationMember.create({ data: { organizationId, accountId, role, createdAt } });
  await platform.db.account.update({ where: { id: accountId }, data: { locale } });
  return email;
}

it('news of an organization reach its owners alone, or the roles that are named, and nobody elsewhere', async () => {
  const acme = await anOrganization(platform);
  await anOrganization(platform, 'Other');
  const owner = await join(acme, 'owner');
  const security = await join(acme, 'security');
  await join(acme, 'viewer');
  expect(await tellOwners(platform, acme, news('Sketch pad'))).toBe(2);
  expect(await readersOf('Sketch pad')).toContain(owner);
  expect(await readersOf('Sketch pad')).not.toContain(security);
  expect(await tellOwners(platform, acme, news('Drawing board'), ['owner', 'security'])).toBe(3);
  expect(await readersOf('Drawing board')).toContain(security);
});

it('each owner reads them in their own language', async () => {
  const acme = await anOrganization(platform);
  const german = await join(acme, 'owner', 'de');
  await tellOwners(platform, acme, news('Zettelkasten'));
  const letters = (await waitingLetters(platform)).filter(({ text }) => text.includes('Zettelkasten'));
  const inGerman = letters.filter(({ text }) => text.startsWith('Hallo,'));
  expect(inGerman.map(({ to }) => to)).toEqual([german]);
  expect(letters).toHaveLength(2);
});

it('news of a change that does not happen are not sent', async () => {
  const acme = await anOrganization(platform);
  const change = inTransaction(platform, async (tx) => {
    await tellOwners(tx, acme, news('Ghost writer'));
    throw new Error('the change fails');
  });
  await expect(change).rejects.toThrow('the change fails');
  expect(await readersOf('Ghost writer')).toEqual([]);
});
