import type { KoaContextWithOIDC } from 'oidc-provider';
import { noteLanguageWishes } from '../platform/web/language.ts';

/** Speaks the language that the app asked for in `ui_locales` (OpenID Connect Core §3.1.2.1), where it did. */
export function speakAsAsked(ctx: KoaContextWithOIDC): void {
  const asked = ctx.oidc?.params?.ui_locales;
  if (typeof asked === 'string') noteLanguageWishes(ctx, { asked });
}
