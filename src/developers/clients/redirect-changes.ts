import { actsFrozen } from '../../accounts/recovery/frozen.ts';
import type { Actor } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/trail.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Refused, refused } from '../../platform/refused.ts';
import { inTransaction } from '../../platform/transaction.ts';
import { FROZEN } from '../frozen.ts';
import type { ClientView } from './client.ts';
import { type AppOf, holdOwnApp } from './hold-app.ts';
import { type Presented, present, waitingChange } from './presentation.ts';
import { judgeRedirectUris, type RedirectRules } from './redirect-uris.ts';

export type RedirectChange =
  | { readonly ok: true; readonly outcome: Presented }
  | Refused<'client' | 'sponsored' | 'redirect-uri' | 'frozen'>;

/** Where an app may point now: at the person's own machine while it is in development. */
export function redirectRules(
  { config }: Pick<Platform, 'config'>,
  { stage }: Pick<ClientView, 'stage'>,
): RedirectRules {
  return { loopback: !config.production || stage === 'development' };
}

/** Replaces all that an app registered: nothing of it, where one of them cannot be. */
export async function changeRedirectUris(
  platform: Platform,
  actor: Actor,
  {
    redirectUris,
    postLogoutRedirectUris,
    ...of
  }: AppOf & {
    readonly redirectUris: readonly string[];
    readonly postLogoutRedirectUris: readonly string[];
  },
): Promise<RedirectChange> {
  return changing(platform, actor, of, () => ({ redirectUris, postLogoutRedirectUris }));
}

/** Adds one redirect URI to those of an app, exactly as it is written; `same` where it was there already. */
export async function addRedirectUri(
  platform: Platform,
  actor: Actor,
  { uri, ...of }: AppOf & { readonly uri: string },
): Promise<RedirectChange> {
  return changing(platform, actor, of, ({ redirectUris, postLogoutRedirectUris }) => ({
    redirectUris: [...redirectUris, uri],
    postLogoutRedirectUris,
  }));
}

type Uris = Pick<ClientView, 'redirectUris' | 'postLogoutRedirectUris'>;

async function changing(
  platform: Platform,
  actor: Actor,
  of: AppOf,
  wishedFor: (standing: Uris) => Uris,
): Promise<RedirectChange> {
  return inTransaction(platform, async (tx): Promise<RedirectChange> => {
    if (await actsFrozen(tx, actor)) return refused('frozen', FROZEN);
    const held = await holdOwnApp(tx, actor, of);
    if (!held.ok) return held;
    const { app } = held;
    const wished = wishedFor(await standingUris(tx, app));
    const judged = judgeRedirectUris(wished, app.type, redirectRules(tx, app));
    if (!judged.ok) return refused('redirect-uri', judged.sentence);
    const { redirectUris, postLogoutRedirectUris } = judged;
    const later = await changePostLogout(tx, actor, app, postLogoutRedirectUris);
    const outcome = await present(tx, actor, app, { redirectUris });
    return { ok: true, outcome: outcome === 'same' && later ? 'changed' : outcome };
  });
}

/** What the next change builds on: what is registered, or waits to be. */
export async function standingUris(tx: Platform, app: ClientView): Promise<Uris> {
  const { redirectUris = app.redirectUris } = await waitingChange(tx, app.id);
  return { redirectUris, postLogoutRedirectUris: app.postLogoutRedirectUris };
}

/** Where people go after signing out says nothing of who the app is. */
async function changePostLogout(
  tx: Platform,
  actor: Actor,
  { id, organizationId, postLogoutRedirectUris: before }: ClientView,
  postLogoutRedirectUris: string[],
): Promise<boolean> {
  if (JSON.stringify(before) === JSON.stringify(postLogoutRedirectUris)) return false;
  const data = { postLogoutRedirectUris, updatedAt: tx.clock.now() };
  await tx.db.client.updateMany({ where: { id, organizationId }, data });
  await recordEvent(tx, actor, 'client.changed', { kind: 'client', id }, { postLogoutRedirectUris });
  return true;
}
