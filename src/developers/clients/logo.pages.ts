import { z } from 'zod';
import { accountActor } from '../../accounts/actor.ts';
import { Refusal } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Context, Handler } from '../../platform/web/context.ts';
import { seeOther } from '../../platform/web/see-other.ts';
import { readUpload, type Upload } from '../../platform/web/uploads.ts';
import type { TextKey } from '../../platform/words/text-keys.ts';
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

/** Sent by the second of the form's two buttons. */
const Wish = z.object({ remove: z.literal('yes').optional().catch(undefined) });
const LIMITS = { file: 'file', maxBytes: LARGEST_LOGO };

/** POST …/apps/:client/branding: a new logo, or none. */
export function submitLogo(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readUpload(ctx, Wish, LIMITS);
    const app = appOf(ctx);
    const { accountId, organization } = memberOf(ctx);
    const actor = accountActor(ctx, accountId);
    const of = { organizationId: organization.id, clientId: app.id };
    const removing = form.ok && form.value.remove === 'yes';
    const problem = removing ? undefined : problemOfFile(form.upload);
    if (problem) return renderBranding(ctx, platform, { problems: { file: problem } }, 422);
    const outcome: LogoChange =
      removing || !form.upload
        ? await removeLogo(platform, actor, of)
        : await changeLogo(platform, actor, { ...of, file: form.upload.bytes });
    if (outcome.ok) return seeOther(ctx, `${appPath(app)}/branding?done=${outcome.outcome}`);
    renderBranding(
      ctx,
      platform,
      { problems: problemOf(outcome, { client: 'form', sponsored: 'form' }) },
      422,
    );
  };
}

function problemOfFile(upload: Upload | undefined): TextKey | undefined {
  if (!upload) return 'branding.no-file';
  return upload.tooLarge ? 'branding.file-too-large' : undefined;
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
