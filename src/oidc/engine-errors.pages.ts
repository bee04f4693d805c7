import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';
import { errorDocHref } from '../developers/support/library.ts';
import { type ErrorPage, renderErrorPage } from '../platform/web/errors.ts';
import type { Value } from '../platform/words/text-keys.ts';
import { speakAsAsked } from './asked-language.ts';
import { redirectForMember } from './redirect-for-member.ts';
import { registered } from './registered-clients.ts';

/** A request that cannot go back to the app: what happened, why we stopped, and what a person or developer can do. */
export async function showEngineError(
  ctx: KoaContextWithOIDC,
  { error, error_description: reason }: ErrorOut,
): Promise<void> {
  const signingOut = ctx.oidc?.route.startsWith('end_session') ?? false;
  speakAsAsked(ctx);
  const page = signingOut ? ofSignOut(ctx, error, reason) : ofSignIn(ctx, error);
  const details = { ...page.details, error, ...(reason ? { reason } : {}) };
  const forMembers = error === 'invalid_redirect_uri' ? await redirectForMember(ctx) : undefined;
  const docs = errorDocHref(error);
  renderErrorPage(ctx, { ...page, status: ctx.status, details, docs, ...(forMembers && { forMembers }) });
}

type Page = Omit<ErrorPage, 'status'>;

const OUR_FAULT: Page = { title: 'errors.title-our-fault', sentence: 'protocol.our-fault' };

function ofSignIn(ctx: KoaContextWithOIDC, error: string): Page {
  const title = 'protocol.sign-in-title';
  const values = { app: appName(ctx) };
  switch (error) {
    case 'server_error':
      return OUR_FAULT;
    case 'invalid_client':
      return {
        title,
        sentence: 'protocol.unknown-app',
        advice: 'protocol.unknown-app-advice',
        details: asked(ctx, 'client_id'),
      };
    case 'invalid_redirect_uri':
      return {
        title,
        sentence: { key: 'protocol.unregistered-return', values },
        advice: 'protocol.unregistered-advice',
        details: asked(ctx, 'redirect_uri'),
      };
    default:
      return { title, sentence: { key: 'protocol.bad-request', values } };
  }
}

function ofSignOut(ctx: KoaContextWithOIDC, error: string, reason: string | undefined): Page {
  if (error === 'server_error') return OUR_FAULT;
  const unregistered = reason?.startsWith('post_logout_redirect_uri') ?? false;
  return {
    title: 'protocol.sign-out-title',
    sentence: unregistered
      ? { key: 'protocol.sign-out-unregistered', values: { app: appName(ctx) } }
      : 'protocol.sign-out-incomplete',
    next: { label: 'protocol.sign-out-here', href: '/sign-out' },
    ...(unregistered && {
      advice: 'protocol.unregistered-advice',
      details: asked(ctx, 'post_logout_redirect_uri'),
    }),
  };
}

function appName({ oidc }: KoaContextWithOIDC): Value {
  return oidc?.client ? registered(oidc.client).name : { key: 'protocol.some-app' };
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
