import { expect, it } from 'vitest';
import { queueLetter } from '../../src/platform/mail/outbox.ts';
import { atConsole } from '../support/console.ts';
import { startTestServer } from '../support/server.ts';

it('says where to look for letters that cannot be delivered, which have no page', async () => {
  const server = await startTestServer({ smtpUrl: 'smtp://127.0.0.1:1' });
  try {
    const { browser } = await atConsole(server, 'administrator');
    const calm = await browser.open('/admin');
    expect(calm.text).toContain('Letters that cannot be delivered');
    expect(calm.text).not.toContain("the server's log says");
    const letter = { to: 'anna@example.org', subject: 'Hello', text: 'Hello', html: '<p>Hello</p>' };
    await queueLetter(server.platform, letter);
    await server.platform.db.letter.updateMany({ data: { attempts: 3 } });
    const home = await browser.open('/admin');
    expect(home.text).toContain("the server's log says");
    expect(home.html).not.toMatch(/<a[^>]*>(?:(?!<\/a>).)*Letters that cannot be delivered/s);
  } finally {
    await server.stop();
  }
});
