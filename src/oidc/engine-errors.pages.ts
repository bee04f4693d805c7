import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { renderErrorPage } from '../platform/web/errors.ts';

/** An authorization request that cannot go back to the app: what happened, in words for a person and for a developer. */
export function showEngineError(
  ctx: KoaContextWithOIDC,
  { error, error_description: reason }: ErrorOut,
): void {
  renderErrorPage(ctx, {
    status: ctx.status,
    title: error === 'server_error' ? 'Something went wrong' : 'This sign-in request does not work',
    sentence: SENTENCES[error] ?? DEFAULT_SENTENCE,
    details: { error, ...(reason ? { reason } : {}) },
  });
}

const DEFAULT_SENTENCE =
  'The app that sent you here made a request we cannot answer. Go back to the app and try again.';

const SENTENCES: Readonly<Record<string, string>> = {
  invalid_client:
    'We do not know the app that sent you here, or it is suspended. Go back to where you came from.',
  invalid_redirect_uri:
    'The app sent you here with a return address it has not registered. We stopped, to protect you. If you run the app, add this address to its redirect URIs.',
  server_error: 'Something failed on our side, and it is not your fault. Try again in a moment.',
};
