import { Refusal } from '../errors.ts';
import { waitingLetters } from '../mail/outbox.ts';
import { canonicalAddress } from './client-address.ts';
import type { Context, Handler } from './context.ts';
import { renderPage } from './render.ts';

/**
 * The letters of a development server without SMTP_URL (decision 15). They hold codes, so the page exists only for a
 * browser on this very machine: loopback issuer, loopback peer, nothing forwarded. For everybody else it is not there.
 */
export const mailboxPage: Handler = async (ctx) => {
  const { platform } = ctx.state;
  if (!isMailboxOpen(ctx)) throw new Refusal('not-found', 'errors.nothing-here');
  renderPage(ctx, 'platform/mailbox', { letters: await waitingLetters(platform) });
};

function isMailboxOpen({ req, state: { platform } }: Context): boolean {
  const { config, mail } = platform;
  const peer = canonicalAddress(req.socket.remoteAddress ?? '') ?? '';
  const here = peer === '::1' || peer.startsWith('127.');
  return (
    !config.production && mail.kind === 'mailbox' && here && !FORWARDED.some((name) => name in req.headers)
  );
}

const FORWARDED = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-forwarded-server',
  'x-real-ip',
  'cf-connecting-ip',
  'true-client-ip',
];
