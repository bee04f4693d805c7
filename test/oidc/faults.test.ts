import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type App, newApp } from '../support/world.ts';
import {
  authorizePath,
  codeFor,
  openStage,
  redeem,
  refresh,
  rowCounts,
  type Stage,
  tokensFor,
} from './stage.ts';

/** A table that is away stands for whatever may fail on our side in the middle of a request. */
describe('a fault of ours', () => {
  let stage: Stage;
  let owner: pg.Client;
  let spa: App;
  let away: string | undefined;
  beforeAll(async () => {
    stage = await openStage();
    owner = new pg.Client({ connectionString: stage.server.platform.config.directDatabaseUrl });
    await owner.connect();
    spa = await newApp(stage.server.platform, stage.api, { firstParty: true, type: 'spa' });
  });
  afterEach(bringBack);
  afterAll(async () => {
    await owner.end();
    await stage.server.stop();
  });

  async function takeAway(table: string): Promise<void> {
    await owner.query(`ALTER TABLE ${table} RENAME TO ${table}_away`);
    away = table;
  }

  async function bringBack(): Promise<void> {
    if (away) await owner.query(`ALTER TABLE ${away}_away RENAME TO ${away}`);
    away = undefined;
  }

  it('during authorization is a page with a reference, and leaves nothing behind', async () => {
    const app = await newApp(stage.server.platform, stage.api);
    await codeFor(stage, app);
    const before = await rowCounts(stage);
    await takeAway('consents');
    const page = await stage.browser.open(authorizePath(app));
    await bringBack();
    expect([page.status, page.location]).toEqual([500, undefined]);
    expect(page.text).toContain(String(page.headers.get('X-Request-Id')));
    expect(page.html).not.toMatch(/consents|relation|prisma/i);
    expect(await rowCounts(stage)).toEqual(before);
    await codeFor(stage, app);
  });

  it('during the exchange of a code does not cost the code', async () => {
    const code = await codeFor(stage, spa);
    await takeAway('accounts');
    const answer = await redeem(stage, spa, code);
    await bringBack();
    expect(answer.status).toBe(500);
    expect(answer.body.error).toBe('server_error');
    expect(answer.text).not.toMatch(/accounts|relation|prisma/i);
    expect((await redeem(stage, spa, code)).status).toBe(200);
  });

  it('during a refresh does not cost the token', async () => {
    const { refresh_token: token } = await tokensFor(stage, spa);
    await takeAway('accounts');
    expect((await refresh(stage, spa, token)).status).toBe(500);
    await bringBack();
    expect((await refresh(stage, spa, token)).status).toBe(200);
  });

  it('where the records cannot be written answers an error, not tokens that do not exist', async () => {
    const code = await codeFor(stage, spa);
    await takeAway('audit_events');
    await owner.query('ALTER TABLE artifacts RENAME TO artifacts_gone');
    const answer = await redeem(stage, spa, code);
    await owner.query('ALTER TABLE artifacts_gone RENAME TO artifacts');
    await bringBack();
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('gate_');
    expect((await redeem(stage, spa, code)).status).toBe(200);
  });
});
