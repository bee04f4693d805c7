import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { type ErrorPage, renderErrorPage } from '../platform/web/errors.ts';
import { registered } from './registered-clients.ts';

/** A request that cannot go back to the app: what happened, why we stopped, and what a person or developer can do. */
export function showEngineError(
  ctx: KoaContextWithOIDC,
  { error, error_description: reason }: ErrorOut,
): void {
  const signingOut = ctx.oidc?.route.startsWith('end_session') ?? false;
  const words = signingOut ? ofSignOut(ctx, error, reason) : ofSignIn(ctx, error);
  const details = { ...words.details, error, ...(reason ? { reason } : {}) };
  renderErrorPage(ctx, { ...words, status: ctx.status, details });
}

type Words = Omit<ErrorPage, 'status'>;

const OUR_FAULT: Words = {
  title: 'Something went wrong',
  sentence:
    'Something failed on our side, and it is not your fault. Go back to the app and try again in a moment.',
};

function ofSignIn(ctx: KoaContextWithOIDC, error: string): Words {
  const title = 'This sign-in request does not work';
  switch (error) {
    case 'server_error':
      return OUR_FAULT;
    case 'invalid_client':
      return {
        title,
        sentence:
          'We do not know the app that sent you here, or it is suspended. Go back to where you came from.',
        advice: 'Compare the client_id of the request with the one you got when the app was registered.',
        details: asked(ctx, 'client_id'),
      };
    case 'invalid_redirect_uri':
      return {
        title,
        sentence: `${appName(ctx)} sent you here with a return address that it has not registered. We stopped, so that nobody else can receive your sign-in. Go back to the app; if this happens again, tell the people who make it.`,
        advice:
          'Register this address for the app exactly as it stands here, or send one that is registered.',
        details: asked(ctx, 'redirect_uri'),
      };
    default:
      return {
        title,
        sentence: `${appName(ctx)} made a request that we cannot answer. Go back to it and try again.`,
      };
  }
}

function ofSignOut(ctx: KoaContextWithOIDC, error: string, reason: string | undefined): Words {
  if (error === 'server_error') return OUR_FAULT;
  const unregistered = reason?.startsWith('post_logout_redirect_uri') ?? false;
  return {
    title: 'This sign-out request does not work',
    sentence: unregistered
      ? `${appName(ctx)} wants you to go on to an address that it has not registered, so we stopped. You are not signed out here yet.`
      : 'This request to sign you out is incomplete, or too old. You are not signed out here yet.',
    next: { label: 'Sign out here', href: '/sign-out' },
    ...(unregistered && {
      advice: 'Register this address for the app exactly as it stands here, or send one that is registered.',
      details: asked(ctx, 'post_logout_redirect_uri'),
    }),
  };
}

function appName({ oidc }: KoaContextWithOIDC): string {
  return oidc?.client ? registered(oidc.client).name : 'The app that sent you here';
}

const LONGEST_SHOWN = 300;

/** What the request said, verbatim, except for what hides on a screen or turns text around. */
function asked({ oidc }: KoaContextWithOIDC, name: string): Record<string, string> {
  const value = oidc?.params?.[name];
  if (typeof value !== 'string') return {};
  const legible = value
    .slice(0, LONGEST_SHOWN)
    .toWellFormed()
    .replace(/[^\x20-\x7e]/gu, encodeURIComponent);
  return { [name]: legible };
}
