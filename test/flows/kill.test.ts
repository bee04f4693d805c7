import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedWorld, startEmbeddedWorld } from '../support/embedded-world.ts';
import { allow, introspect, relyingParty } from '../support/relying-party.ts';
import { Visitor } from '../support/visitor.ts';
import { signUp } from '../support/world.ts';
import { PATIENCE } from '../support/patience.ts';

describe('a server killed in the middle of everything', () => {
  let world: EmbeddedWorld;
  beforeAll(async () => {
    world = await startEmbeddedWorld();
  }, 60_000);
  afterAll(() => world.stop());

  it('loses nothing it has acknowledged and starts again without a hand', { timeout: 90_000 }, async () => {
    const visitor = new Visitor(world.issuer);
    const party = await relyingParty(world.issuer, world.web);
    const request = await party.request({ scope: 'openid notes:read offline_access' });
    const { page } = await signUp(visitor, await visitor.open(request.url), 'new@example.org');
    await killAndRestart();

    // The form was given out before the kill: session, interaction and form token still hold.
    const callback = await allow(visitor, page);
    await killAndRestart();

    const tokens = await party.redeem(request, callback);
    await killAndRestart();
    expect(await introspect(world.issuer, world.api, tokens.access_token)).toMatchObject({ active: true });
    await expect(party.redeem(request, callback)).rejects.toMatchObject({ error: 'invalid_grant' });
    await killAndRestart();

    expect(await introspect(world.issuer, world.api, tokens.access_token)).toEqual({ active: false });
    expect((await visitor.open('/account')).text).toContain('new@example.org');
  });

  it('keeps every token it answered with while it was being killed', { timeout: 90_000 }, async () => {
    const answered: string[] = [];
    const load = Array.from({ length: 8 }, async () => {
      for (;;) {
        const token = await serviceToken().catch(() => undefined);
        if (token === undefined) return;
        answered.push(token);
      }
    });
    await expect.poll(() => answered.length, PATIENCE).toBeGreaterThan(100);
    await world.server.kill('SIGKILL');
    await Promise.all(load);
    await world.restart();
    const seen = await Promise.all(answered.map((token) => introspect(world.issuer, world.api, token)));
    expect(seen.filter(({ active }) => active !== true)).toEqual([]);
  });

  async function serviceToken(): Promise<string | undefined> {
    const { clientId, secret } = world.machine;
    const response = await fetch(new URL('/token', world.issuer), {
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    return ((await response.json()) as { access_token?: string }).access_token;
  }

  async function killAndRestart(): Promise<void> {
    await world.server.kill('SIGKILL');
    await world.restart();
  }
});
