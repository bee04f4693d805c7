import type { Handler } from './platform/web/context.ts';
import { renderPage } from './platform/web/render.ts';

/** What this is, and the ways in. */
export const homePage: Handler = (ctx) => {
  const { config, mail } = ctx.state.platform;
  const lettersWaitHere = !config.production && mail.kind === 'mailbox';
  renderPage(ctx, 'home', { host: config.issuerHost, lettersWaitHere });
};
