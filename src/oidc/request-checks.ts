import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { letChooseAccount, SELECT_ACCOUNT } from './interaction/choose-account.ts';
import { refuseUnknownAcr } from './interaction/step-up.ts';
import { keepOfflineAccess } from './refresh.ts';

/** How a code travels back. A fragment reaches scripts instead of the app's server, which is of no use to a code. */
export const RESPONSE_MODES: readonly string[] = ['query', 'form_post'];

/** What an app may ask to be shown (OpenID Connect Core §3.1.2.1). */
export const PROMPTS: readonly string[] = ['none', 'login', 'consent', SELECT_ACCOUNT];

/**
 * Our part in checking an authorization request. Runs as the check of a parameter nobody sends, the engine's one hook
 * between reading a request and acting on it.
 */
export function checkRequest(ctx: KoaContextWithOIDC): void {
  refuseOtherModes(ctx);
  refuseUnknownAcr(ctx);
  letChooseAccount(ctx);
  keepOfflineAccess(ctx);
}

/** The refusal itself goes back the usual way. */
function refuseOtherModes({ oidc: { params, responseMode } }: KoaContextWithOIDC): void {
  if (!params || responseMode === undefined || RESPONSE_MODES.includes(responseMode)) return;
  params.response_mode = undefined;
  throw new errors.UnsupportedResponseMode();
}
