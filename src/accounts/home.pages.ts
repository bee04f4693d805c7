import type { Handler } from '../platform/web/context.ts';
import { renderPage } from '../platform/web/render.ts';

/** GET /: what this is, and the ways in. */
export const homePage: Handler = (ctx) => {
  const { config, mail } = ctx.state.platform;
  renderPage(ctx, 'accounts/home', { host: config.issuerHost, mailbox: mail.kind === 'mailbox' });
};
