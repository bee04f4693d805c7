import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { readUpload } from '../../platform/web/upload.ts';
import { LANGUAGES } from '../../platform/words/texts.ts';
import { memberOf } from '../organizations/require-member.ts';
import { problemOf, renderPortalPage } from '../portal-page.ts';
import { changeLogo, findLogoNamed, LARGEST_LOGO, type LogoChange, logoPath, removeLogo } from './logo.ts';
import { appOf, appPath } from './require-app.ts';
import { needsApproval } from './reviews.ts';

const Query = z.object({ done: z.enum(['changed', 'same', 'waits']).optional().catch(undefined) });

/** GET …/apps/:client/branding */
export function showBranding(platform: Platform): Handler {
  return (ctx) => renderBranding(ctx, platform, { done: Query.parse({ ...ctx.query }).done });
}

/** POST …/apps/:client/branding: a new logo, or none. */
export function submitLogo(platform: Platform): Handler {
  return async (ctx) => {
    const { file, fields } = await readUpload(ctx, 3 * LARGEST_LOGO);
    const app = appOf(ctx);
    const { accountId, organization } = memberOf(ctx);
    const actor = accountActor(ctx, accountId);
    const of = { organizationId: organization.id, clientId: app.id };
    const removing = fields.get('remove') === 'yes';
    if (!removing && !file) {
      return renderBranding(ctx, platform, { problems: { file: 'branding.no-file' } }, 422);
    }
    const outcome: LogoChange = removing
      ? await removeLogo(platform, actor, of)
      : await changeLogo(platform, actor, { ...of, file: file as Buffer });
    if (outcome.ok) return seeOther(ctx, `${appPath(app)}/branding?done=${outcome.outcome}`);
    renderBranding(
      ctx,
      platform,
      { problems: problemOf(outcome, { client: 'form', sponsored: 'form' }) },
      422,
    );
  };
}

function renderBranding(ctx: Context, platform: Platform, data: object, status = 200): void {
  const app = appOf(ctx);
  const facts = {
    app,
    logo: app.logo && logoPath(app.logo),
    waits: app.stage === 'live' && needsApproval(platform),
    languages: LANGUAGES.map((code) => [code, new Intl.DisplayNames(['en'], { type: 'language' }).of(code)]),
    previewable: app.type !== 'machine',
  };
  renderPortalPage(ctx, 'developers/clients/logo', { ...facts, ...data }, { status });
}

/** GET /logos/<SHA-256>.png: only what we drew ourselves; the name is that of the bytes, so it may be kept for ever. */
export function serveLogo(platform: Platform): Handler {
  return async (ctx) => {
    const [, name] = /^\/logos\/([0-9a-f]{64})\.png$/.exec(ctx.path) ?? [];
    const picture = name && (await findLogoNamed(platform, name));
    if (!picture) throw new Refusal('not-found', 'errors.nothing-here');
    ctx.set('Content-Security-Policy', "default-src 'none'; sandbox");
    ctx.set('Cross-Origin-Resource-Policy', 'same-origin');
    ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
    ctx.set('Content-Type', 'image/png');
    ctx.body = picture;
  };
}
