import { describe, expect, it } from 'vitest';
import { newId } from '../../../src/platform/ids.ts';
import { type Letter, openTransport } from '../../../src/platform/mail/transport.ts';
import { bareConfig } from '../web/bare-app.ts';
import { selfSigned } from './self-signed.ts';
import { smtpServer } from './smtp-server.ts';

const letter = (more: Partial<Letter> = {}): Letter => ({
  id: newId(),
  to: 'ann@example.com',
  subject: 'Grüße',
  text: 'Hello Ann\n.\nbye\n',
  html: '<p>Hello Ann</p>',
  ...more,
});

const mailFrom = 'Example sign-in <no-reply@id.example.com>';

describe('a letter', () => {
  it('arrives with both texts and nothing about our software', async () => {
    await using server = await smtpServer();
    const transport = openTransport(bareConfig({ smtpUrl: server.url, mailFrom }));
    const sent = letter();
    await transport.send(sent);
    const [{ from, recipients, message } = { from: '', recipients: [], message: '' }] = server.deliveries;
    expect(from).toContain('<no-reply@id.example.com>');
    expect(recipients).toEqual(['RCPT TO:<ann@example.com>']);
    expect(message).toContain('From: "Example sign-in" <no-reply@id.example.com>');
    expect(message).toContain('To: ann@example.com');
    expect(message).toContain('Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=');
    expect(message).toContain(`Message-ID: <${sent.id}@id.example.com>`);
    expect(message).toContain('Auto-Submitted: auto-generated');
    expect(message).toContain('Hello Ann\n');
    expect(message).toContain('<p>Hello Ann</p>');
    expect(message).not.toMatch(/nodemailer|X-Mailer/i);
    transport.close();
  });

  it('cannot gain a header through its subject', async () => {
    await using server = await smtpServer();
    const transport = openTransport(bareConfig({ smtpUrl: server.url }));
    await transport.send(letter({ subject: 'Hello\r\nBcc: eve@evil.example\r\n\r\nbody' }));
    expect(server.deliveries[0]?.message).not.toMatch(/^Bcc:/m);
  });

  it('is signed in for with the decoded user and password', async () => {
    await using server = await smtpServer({ offers: ['AUTH PLAIN'] });
    const smtpUrl = `smtp://us%40er:p%3Aass%2F@localhost:${server.port}`;
    await openTransport(bareConfig({ smtpUrl })).send(letter());
    const [, secret = ''] = server.commands.find((line) => line.startsWith('AUTH'))?.split('PLAIN ') ?? [];
    expect(Buffer.from(secret, 'base64').toString()).toBe('\0us@er\0p:ass/');
  });

  it('that the server refuses is an error', async () => {
    await using server = await smtpServer({ answer: '451 later' });
    await expect(openTransport(bareConfig({ smtpUrl: server.url })).send(letter())).rejects.toThrow(/451/);
  });
});

describe('encryption', () => {
  it('is a must with requireTLS=true', async () => {
    await using server = await smtpServer();
    const transport = openTransport(bareConfig({ smtpUrl: `${server.url}?requireTLS=true` }));
    await expect(transport.send(letter())).rejects.toThrow();
    expect(server.commands.join()).not.toContain('MAIL');
  });

  it.each(['', '?tls.rejectUnauthorized=false', '?rejectUnauthorized=false', '?requireTLS=true'])(
    'counts only under a certificate that is verified: %s',
    async (options) => {
      await using server = await smtpServer({ tls: selfSigned() });
      const transport = openTransport(bareConfig({ smtpUrl: server.url + options }));
      await expect(transport.send(letter())).rejects.toThrow(/self.signed/i);
      expect(server.commands).toEqual([]);
    },
  );
});
