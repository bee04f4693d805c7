import type { Handler } from '../../platform/web/context.ts';
import { renderPage } from '../../platform/web/render.ts';
import { SIGN_UP } from '../policy.ts';

/** GET /: what this is, and the ways in. */
export const homePage: Handler = (ctx) => {
  const { config, mail, settings } = ctx.state.platform;
  const invited = settings.get(SIGN_UP) === 'invitation';
  renderPage(ctx, 'accounts/area/home', {
    host: config.issuerHost,
    mailbox: mail.kind === 'mailbox',
    invited,
  });
};
