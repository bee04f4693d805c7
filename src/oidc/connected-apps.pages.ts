import { z } from 'zod';
import { renderAccountPage } from '../accounts/area/account-page.ts';
import { accountActor } from '../accounts/actor.ts';
import { deviceInWords } from '../accounts/sessions/device-in-words.ts';
import { sessionOf } from '../accounts/sign-in/require-session.ts';
import { sentenceOf } from '../developers/apis/scopes/scopes.ts';
import type { Platform } from '../platform/platform.ts';
import type { Context, Handler } from '../platform/web/context.ts';
import { readForm } from '../platform/web/forms.ts';
import { seeOther } from '../platform/web/see-other.ts';
import type { TextKey, Words } from '../platform/words/text-keys.ts';
import { ALL_END_CHOICES } from '../tokens/consent-ends.ts';
import type { Installation } from '../tokens/installations.ts';
import {
  type ConnectedApp,
  changeEndOfApp,
  findConnectedApp,
  listConnectedApps,
  removeAllApps,
  removeApp,
  removeInstallation,
} from './connected-apps.ts';

/** Where the list is. One form token serves all its buttons. */
const APPS = '/account/apps';

const DONE = {
  removed: 'apps.done-removed',
  all: 'apps.done-all',
  disconnected: 'apps.done-disconnected',
  end: 'apps.done-end',
  gone: 'apps.done-gone',
} as const satisfies Record<string, TextKey>;

type Done = keyof typeof DONE;

const Query = z.object({
  done: z
    .enum(Object.keys(DONE) as [Done])
    .optional()
    .catch(undefined),
});

/** GET /account/apps: what each app may do, since when, until when, and where it is connected. */
export function showApps(platform: Platform): Handler {
  return async (ctx) => {
    const { accountId } = await sessionOf(platform, ctx);
    const { done } = Query.parse({ ...ctx.query });
    const apps = await listConnectedApps(platform, accountId);
    await renderAccountPage(ctx, 'oidc/connected-apps', {
      apps: apps.map(inWords),
      done: done && DONE[done],
      sentenceOf,
    });
  };
}

/** POST /account/apps/:client/removal. What is not this person's is as gone as what never was. */
export function submitRemoval(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}), { formPurpose: APPS });
    const { accountId } = await sessionOf(platform, ctx);
    const [clientId = ''] = idsIn(ctx);
    const removed = await removeApp(platform, accountActor(ctx, accountId), { accountId, clientId });
    backToApps(ctx, removed ? 'removed' : 'gone');
  };
}

/** POST /account/apps/:client/installations/:grant/removal: ends the app in one place. */
export function submitDisconnection(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}), { formPurpose: APPS });
    const { accountId } = await sessionOf(platform, ctx);
    const [clientId = '', , grantId = ''] = idsIn(ctx);
    const place = { accountId, clientId, grantId };
    const ended = await removeInstallation(platform, accountActor(ctx, accountId), place);
    backToApps(ctx, ended ? 'disconnected' : 'gone');
  };
}

/** POST /account/apps/removal: every app. */
export function submitRemovalOfAll(platform: Platform): Handler {
  return async (ctx) => {
    await readForm(ctx, z.object({}), { formPurpose: APPS });
    const { accountId } = await sessionOf(platform, ctx);
    const removed = await removeAllApps(platform, accountActor(ctx, accountId), accountId);
    backToApps(ctx, removed > 0 ? 'all' : 'gone');
  };
}

/** GET /account/apps/:client/end: the ends to choose from. */
export function showEnd(platform: Platform): Handler {
  return async (ctx) => {
    const app = await appIn(platform, ctx);
    if (!app) return backToApps(ctx, 'gone');
    await renderAccountPage(ctx, 'oidc/connected-apps-end', { app, choices: choicesFor(app) });
  };
}

function choicesFor({ endChoices }: ConnectedApp) {
  return endChoices.map((value) => ({ value, words: `consent.end-${value}` as const satisfies TextKey }));
}

const CHOOSE = 'apps.end-choose' as const satisfies TextKey;
const End = z.object({ end: z.enum(ALL_END_CHOICES, { error: CHOOSE }) });

/** POST /account/apps/:client/end. */
export function submitEnd(platform: Platform): Handler {
  return async (ctx) => {
    const form = await readForm(ctx, End);
    const app = await appIn(platform, ctx);
    if (!app) return backToApps(ctx, 'gone');
    if (!form.ok || !app.endChoices.includes(form.value.end)) {
      const problems = form.ok ? { end: CHOOSE } : form.problems;
      const data = { app, choices: choicesFor(app), problems };
      return renderAccountPage(ctx, 'oidc/connected-apps-end', data, { status: 422 });
    }
    const { accountId } = await sessionOf(platform, ctx);
    const connection = { accountId, clientId: app.clientId, choice: form.value.end };
    const changed = await changeEndOfApp(platform, accountActor(ctx, accountId), connection);
    backToApps(ctx, changed ? 'end' : 'gone');
  };
}

/** GET below /account/apps where there is no page: whoever had to sign in before a button took effect. */
export const showListInstead: Handler = (ctx) => seeOther(ctx, APPS);

async function appIn(platform: Platform, ctx: Context): Promise<ConnectedApp | undefined> {
  const { accountId } = await sessionOf(platform, ctx);
  const [clientId = ''] = idsIn(ctx);
  return findConnectedApp(platform, { accountId, clientId });
}

/** `/account/apps/<client>/…` */
function idsIn(ctx: Context): string[] {
  return ctx.path.split('/').slice(3);
}

function backToApps(ctx: Context, done: Done): void {
  seeOther(ctx, `${APPS}?done=${done}`);
}

function inWords({ identity, installations, ...app }: ConnectedApp) {
  return {
    ...app,
    identity: identity.flatMap((name) => IDENTITY_WORDS[name] ?? []),
    installations: installations.map(placeInWords),
  };
}

const IDENTITY_WORDS: Readonly<Record<string, Words>> = {
  profile: 'consent.scope-profile',
  email: 'consent.scope-email',
  offline_access: 'apps.while-away',
};

/** The beginning of a thumbprint is enough to tell one key from another. */
const SHOWN_OF_KEY = 8;

function placeInWords({ userAgent, keyThumbprint, ...installation }: Installation) {
  return {
    ...installation,
    device: deviceInWords(userAgent ?? ''),
    key: keyThumbprint?.slice(0, SHOWN_OF_KEY),
  };
}
