import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resetFactors } from '../../../src/accounts/recovery/reset-factors.ts';
import { startSession } from '../../../src/accounts/sessions/sessions.ts';
import type { RunningServer } from '../../../src/main.ts';
import { waitingLetters } from '../../../src/platform/mail/outbox.ts';
import { createPerson } from '../../support/people.ts';
import { startTestServer } from '../../support/server.ts';
import { Visitor } from '../../support/visitor.ts';
import { OPERATOR } from '../../support/world.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

describe('factors reset by an operator', () => {
  it('are gone, with every session; the address is proven anew before another is set up', async () => {
    const { platform } = server;
    const person = await createPerson(platform, { operator: true });
    const origin = { userAgent: 'a browser', address: '127.0.0.1' };
    await startSession(platform, OPERATOR, { accountId: person.id, origin });
    expect(await resetFactors(platform, OPERATOR, { email: person.email })).toMatchObject({ ok: true });

    const where = { accountId: person.id };
    expect(await platform.db.totpDevice.count({ where })).toBe(0);
    expect(await platform.db.browserSession.count({ where: { ...where, endedAt: null } })).toBe(0);
    const account = await platform.db.account.findUniqueOrThrow({ where: { id: person.id } });
    expect(account.frozenUntil).toBeInstanceOf(Date);
    const letters = (await waitingLetters(platform)).filter(({ to }) => to === person.email);
    expect(letters[0]?.text).toContain('An operator removed every second factor');

    const visitor = new Visitor(server.url);
    const form = await visitor.open('/sign-in');
    const page = await visitor.submit(form, 'Sign in', { Email: person.email, Password: person.password });
    expect(new URL(page.url).pathname).toBe('/sign-in/verification');
    expect((await visitor.open('/sign-in/authenticator')).url).toContain('/sign-in/verification');
  });

  it('are refused for an address nobody has', async () => {
    const outcome = await resetFactors(server.platform, OPERATOR, { email: 'nobody@example.org' });
    expect(outcome).toMatchObject({ ok: false, reason: 'account' });
  });
});
