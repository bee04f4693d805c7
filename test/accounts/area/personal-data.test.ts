import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { downloadData } from '../../../src/accounts/area/personal-data.ts';
import { issueRecoveryCodes } from '../../../src/accounts/credentials/renew-recovery-codes.ts';
import { loadHalfSession, startSession } from '../../../src/accounts/sessions/sessions.ts';
import { trustBrowser } from '../../../src/accounts/sessions/trusted-browsers.ts';
import { completeSignIn } from '../../../src/accounts/sign-in/sign-in.ts';
import { ADMIN_PARTS } from '../../../src/admin/personal-data.ts';
import { DEVELOPER_PARTS } from '../../../src/developers/personal-data.ts';
import { newId } from '../../../src/platform/ids.ts';
import type { OpenPlatform } from '../../../src/platform/platform.ts';
import { inTransaction } from '../../../src/platform/transaction.ts';
import { giveConsent } from '../../../src/tokens/consents.ts';
import { givePasskey } from '../../support/passkeys.ts';
import { createPerson, type Person } from '../../support/people.ts';
import { openTestPlatform } from '../../support/platform.ts';

/** Where the file tells of each table that knows accounts by their id; or why it does not. */
const TOLD: Readonly<Record<string, string>> = {
  Password: 'sign_in_methods',
  TotpDevice: 'sign_in_methods',
  Passkey: 'sign_in_methods',
  RecoveryCode: 'sign_in_methods',
  TrustedBrowser: 'sign_in_methods',
  BrowserSession: 'sessions',
  PasswordReset: 'requests_under_way',
  FactorReset: 'requests_under_way',
  EmailChange: 'requests_under_way',
  Obligation: 'account',
  TrustDomainMember: 'account',
  KnownBrowser: 'known_browsers',
  Suspension: 'suspensions',
  Operator: 'operator',
  OrganizationMember: 'organizations',
  ClientTester: 'tested_apps',
  AccessPerson: 'counted_days',
  Grant: 'access',
  Consent: 'consents',
  Artifact: 'left out: tokens, which stand in the file as the access they carry',
};

const ORIGIN = { userAgent: 'Mozilla/5.0 (X11; Linux x86_64)', address: '203.0.113.77' };

let platform: OpenPlatform;
let anna: Person;
let eve: Person;
let handles: string[];
beforeAll(async () => {
  platform = await openTestPlatform();
  [anna, eve] = [await createPerson(platform), await createPerson(platform)];
  handles = [...(await live(anna)), ...(await live(eve))];
});
afterAll(() => platform.close());

/** Leaves something in every table; answers the secrets that were handed out. */
async function live({ id: accountId, email, seed }: Person): Promise<string[]> {
  const actor = { kind: 'account', id: accountId } as const;
  await givePasskey(platform, accountId);
  const codes = await issueRecoveryCodes(platform, actor, accountId);
  const { secret } = await startSession(platform, actor, { accountId, origin: ORIGIN });
  const half = await loadHalfSession(platform, secret);
  if (!half) throw new Error('no half session');
  const completion = { half, previous: undefined, factor: 'otp', browser: undefined } as const;
  const signedIn = await inTransaction(platform, (tx) => completeSignIn(tx, actor, completion));
  const trusted = await inTransaction(platform, (tx) =>
    trustBrowser(tx, actor, { accountId, userAgent: ORIGIN.userAgent }),
  );
  const allowed = [{ resource: '', scopes: ['openid'] }];
  const end = { until: null, unusedSeconds: 86_400 };
  await giveConsent(platform, actor, { accountId, clientId: 'app_x', allowed, end });
  await platform.pool.query(
    `INSERT INTO grants (id, account_id, client_id, ends_with_session, payload, created_at, expires_at)
     VALUES ($1, $2, 'app_x', false, '{"secret":"of the engine"}', now(), now() + interval '1 day')`,
    [newId(), accountId],
  );
  await platform.pool.query(
    `INSERT INTO obligations (account_id, kind, source, created_at) VALUES ($1, 'hold-closing', $2, now())`,
    [accountId, `organization:${email}`],
  );
  const issued = [signedIn?.handle.secret, signedIn?.browser?.secret, trusted.secret, seed];
  return [...issued, ...codes.recoveryCodes].filter((value) => value !== undefined);
}

async function fileOf({ id }: Person): Promise<{ text: string; data: Record<string, unknown> }> {
  const actor = { kind: 'account', id } as const;
  const outcome = await downloadData(platform, actor, {
    accountId: id,
    parts: [...DEVELOPER_PARTS, ...ADMIN_PARTS],
  });
  if (!outcome.ok) throw new Error(outcome.reason);
  return { text: JSON.stringify(outcome.data), data: JSON.parse(JSON.stringify(outcome.data)) };
}

describe('the file with everything we hold about a person', () => {
  it('tells of every table that knows accounts, or leaves it out on purpose', () => {
    const models = new URL('../../../prisma/models/', import.meta.url);
    const knowing = readdirSync(models).flatMap((name) =>
      readFileSync(new URL(name, models), 'utf8')
        .split(/^model /m)
        .filter((model) => /^ {2}accountId\s/m.test(model))
        .map((model) => String(model.split(' ', 1)[0])),
    );
    expect(knowing.sort()).toEqual(Object.keys(TOLD).sort());
  });

  it('holds what is theirs and nothing of others, no secret, no digest, nothing sealed', async () => {
    const { text, data } = await fileOf(anna);
    for (const part of Object.values(TOLD))
      if (!part.includes(' ')) expect(Object.keys(data)).toContain(part);
    expect(data).toMatchObject({
      account: { email: anna.email, obligations: [{ kind: 'hold-closing' }] },
      sign_in_methods: { totp: [{ name: 'Authenticator app' }], passkeys: [{}], trustedBrowsers: [{}] },
      sessions: [{ userAgent: 'a browser of the test' }, { address: ORIGIN.address }],
      known_browsers: [{}],
      consents: [{ clientId: 'app_x', scopes: ['openid'] }],
      access: [{ clientId: 'app_x' }],
    });
    expect((data.events as unknown[]).length).toBeGreaterThan(5);
    for (const theirs of [eve.id, eve.email]) expect(text).not.toContain(theirs);
    for (const handle of handles) expect(text).not.toContain(handle);
    expect(text).not.toContain('of the engine');
    for (const bytes of await storedBytes(anna.id))
      for (const encoding of ['hex', 'base64', 'base64url'] as const)
        expect(text).not.toContain(bytes.toString(encoding).replace(/=+$/, ''));
  });
});

/** Every digest, key and sealed value that stands in a row of this account. */
async function storedBytes(accountId: string): Promise<Buffer[]> {
  const { db } = platform;
  const where = { accountId };
  const [sessions, passkeys, codes, trusted, known, totp, password] = await Promise.all([
    db.browserSession.findMany({ where }),
    db.passkey.findMany({ where }),
    db.recoveryCode.findMany({ where }),
    db.trustedBrowser.findMany({ where }),
    db.knownBrowser.findMany({ where }),
    db.totpDevice.findMany({ where }),
    db.password.findMany({ where }),
  ]);
  const rows = [...sessions, ...codes, ...trusted, ...known].map(({ digest }) => digest);
  const keys = passkeys.flatMap(({ publicKey, credentialId }) => [publicKey, credentialId]);
  const texts = [...totp.map(({ sealedSeed }) => sealedSeed), ...password.map(({ phc }) => phc)];
  const found = [...rows, ...keys].map((bytes) => Buffer.from(bytes));
  expect(found.length).toBeGreaterThan(14);
  return [...found, ...texts.map((text) => Buffer.from(text))];
}
