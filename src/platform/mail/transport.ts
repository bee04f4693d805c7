import { createTransport } from 'nodemailer';
import type { Config } from '../../config.ts';

/** A letter on its way. `id` is the row's: a letter that is sent twice carries the same Message-ID. */
export interface Letter {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
}

/** How letters leave: to an SMTP server, or, in development without one, not at all (they wait at /mailbox). */
export interface Transport {
  readonly kind: 'smtp' | 'mailbox';
  /** Resolves when the server has taken the letter; rejects when it may be tried again. */
  send(letter: Letter): Promise<void>;
  close(): void;
}

/** By `SMTP_URL`; without it letters stay in the mailbox, which only development has. */
export function openTransport({ smtpUrl, mailFrom }: Config): Transport {
  return smtpUrl === undefined ? MAILBOX : smtp(smtpUrl, mailFrom);
}

/** The letter stays in the outbox, where the page /mailbox finds it. */
const MAILBOX: Transport = { kind: 'mailbox', async send() {}, close() {} };

/**
 * Certificates are always verified; `requireTLS=true` makes STARTTLS a must. Options are built here, one by one,
 * because the library would take any of its own, `tls.rejectUnauthorized=false` too, from the address.
 */
function smtp(address: string, from: string): Transport {
  const url = new URL(address);
  const secure = url.protocol === 'smtps:';
  const user = decodeURIComponent(url.username);
  const requireTLS = url.searchParams.get('requireTLS') === 'true';
  const transporter = createTransport({
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || (secure ? 465 : 587)),
    secure,
    requireTLS: !secure && requireTLS,
    tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2' },
    ...(user ? { auth: { user, pass: decodeURIComponent(url.password) } } : {}),
    ...TIMEOUTS,
    allowInternalNetworkInterfaces: true,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    kind: 'smtp',
    async send(letter) {
      const signal = AbortSignal.timeout(LONGEST_DELIVERY);
      await transporter.sendMail({ ...messageOf(letter, from), signal });
    },
    close: () => transporter.close(),
  };
}

/** Milliseconds, well under the time for which the outbox holds a letter back from other deliverers. */
const LONGEST_DELIVERY = 60_000;
const TIMEOUTS = {
  dnsTimeout: 5_000,
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 20_000,
};

/** The recipient is one address, never a list to be parsed. */
function messageOf({ id, to, subject, text, html }: Letter, from: string) {
  const [, sender = ''] = /<?([^<>\s]+@[^<>\s]+)>?$/.exec(from) ?? [];
  return {
    from,
    to: { name: '', address: to },
    envelope: { from: sender, to: [to] },
    messageId: `<${id}@${sender.split('@').at(-1)}>`,
    subject,
    text,
    ...(html === undefined ? {} : { html }),
    headers: { 'Auto-Submitted': 'auto-generated' },
    xMailer: false as const,
  };
}
