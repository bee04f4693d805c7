import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordEvent } from '../../src/audit/trail.ts';
import { writeReuseNotices } from '../../src/oidc/reuse-notices.ts';
import { newId } from '../../src/platform/ids.ts';
import { waitingLetters } from '../../src/platform/mail/outbox.ts';
import type { Platform } from '../../src/platform/platform.ts';
import { openTestPlatform } from '../support/platform.ts';
import { shiftTime } from '../support/time.ts';
import { startTwoServers, type TwoServers } from '../support/two-servers.ts';
import { newApi, newApp, newPerson, OPERATOR } from '../support/world.ts';
import { codeFor, issued, openStage, redeem, refresh, type Stage, tokensFor } from './stage.ts';
import { PATIENCE } from '../support/patience.ts';

const OFFLINE = { scope: 'openid notes:read offline_access' };

describe('a refresh token that is used twice', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage.server.stop());

  const lettersAbout = async (subject: string) =>
    (await waitingLetters(stage.server.platform)).filter((letter) => letter.subject.includes(subject));

  it('is told to the person by one letter that names the app', async () => {
    const spa = await newApp(stage.server.platform, stage.api, { type: 'spa', name: 'Sketch pad' });
    const { refresh_token } = await tokensFor(stage, spa, OFFLINE);
    const second = issued(await refresh(stage, spa, refresh_token)).refresh_token;
    await refresh(stage, spa, second);
    expect((await refresh(stage, spa, refresh_token)).status).toBe(400);
    expect((await refresh(stage, spa, refresh_token)).status).toBe(400);
    await writeReuseNotices(stage.server.platform);
    expect(await lettersAbout('We stopped an app')).toHaveLength(1);
    const [letter] = await lettersAbout('We stopped an app');
    expect(letter?.to).toBe(stage.person.email);
    expect(letter?.text.replaceAll('\n', ' ')).toContain('the app “Sketch pad” by Acme was used twice');
    await writeReuseNotices(stage.server.platform);
    expect(await lettersAbout('We stopped an app')).toHaveLength(1);
    const { text } = await stage.browser.open('/account/events');
    expect(text).toContain("An app's key was used twice, so its access was ended");
  });

  it('is news for a week', async () => {
    const { platform } = stage.server;
    const app = await newApp(platform, stage.api);
    const grantId = await aGrant(platform, { accountId: stage.person.id, clientId: app.clientId });
    const time = shiftTime(-8 * 86_400);
    await wasReused(platform, grantId);
    time.restore();
    expect(await writeReuseNotices(platform)).toBe(0);
  });

  it('is no news where it was a code', async () => {
    const app = await newApp(stage.server.platform, stage.api, { firstParty: true, name: 'Coder' });
    const code = await codeFor(stage, app);
    await redeem(stage, app, code);
    expect((await redeem(stage, app, code)).status).toBe(400);
    await writeReuseNotices(stage.server.platform);
    expect((await waitingLetters(stage.server.platform)).some(({ text }) => text.includes('Coder'))).toBe(
      false,
    );
  });
});

describe('the letters about it', () => {
  let servers: TwoServers;
  beforeAll(async () => {
    servers = await startTwoServers();
  }, 60_000);
  afterAll(() => servers.stop());

  const GRANTS = 60;

  it('are written once by several processes, and none is lost when one is killed', {
    timeout: 60_000,
  }, async () => {
    const { platform, database, issuer } = servers;
    const api = await newApi(platform);
    const { clientId } = await newApp(platform, api);
    const person = await newPerson(platform);
    const parties = { accountId: person.id, clientId };
    const grants = await Promise.all(Array.from({ length: GRANTS }, () => aGrant(platform, parties)));
    const letters = await platform.db.letter.count();
    const here = await openTestPlatform({ database, issuer });
    const told = grants.map((grantId) => wasReused(platform, grantId));
    const racing = [writeReuseNotices(here), writeReuseNotices(platform), servers.servers[1].kill('SIGKILL')];
    await Promise.all([...told, ...racing]);
    // Whoever is left writes the rest within its next turn.
    await expect.poll(() => platform.db.auditDelivery.count(), PATIENCE).toBe(GRANTS);
    expect((await platform.db.letter.count()) - letters).toBe(GRANTS);
    await here.close();
  });
});

async function aGrant(
  { db, clock }: Platform,
  parties: { accountId: string; clientId: string },
): Promise<string> {
  const id = newId();
  const createdAt = clock.now();
  const expiresAt = new Date(createdAt.getTime() + 86_400_000);
  await db.grant.create({
    data: { id, ...parties, payload: {}, endsWithSession: false, createdAt, expiresAt },
  });
  return id;
}

/** What the flush of a token request leaves behind. */
function wasReused(platform: Platform, grantId: string): Promise<void> {
  const target = { kind: 'grant', id: grantId };
  return recordEvent(platform, OPERATOR, 'grant.reuse-detected', target, { artifact: 'refresh' });
}
