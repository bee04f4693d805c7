import { z } from 'zod';
import type { Platform } from '../../../platform/platform.ts';
import type { Handler } from '../../../platform/web/context.ts';
import type { TextKey } from '../../../platform/words/text-keys.ts';
import { renderPortalPage } from '../../portal-page.ts';
import { describeCredentials } from './credential-list.ts';
import { aboutHolder, holderOf } from './credentials-page.ts';
import { MOST_KEYS } from './keys.ts';
import { MOST_SECRETS } from './secrets.ts';

const DONE = {
  'secret-ended': 'credentials.done-secret-ended',
  'key-added': 'credentials.done-key-added',
  'key-ended': 'credentials.done-key-ended',
  'key-address': 'credentials.done-key-address',
  method: 'credentials.done-method',
  gone: 'credentials.done-gone',
} as const satisfies Record<string, TextKey>;

export type Done = keyof typeof DONE;

const Query = z.object({
  done: z
    .enum(Object.keys(DONE) as [Done])
    .optional()
    .catch(undefined),
});

/** GET …/credentials: what an app or API proves itself with, never the secrets themselves. */
export function showCredentials(platform: Platform): Handler {
  return async (ctx) => {
    const { done } = Query.parse({ ...ctx.query });
    const { clientId } = holderOf(ctx);
    const credentials = await describeCredentials(platform, clientId);
    renderPortalPage(ctx, 'developers/clients/credentials/credentials', {
      ...aboutHolder(ctx),
      ...credentials,
      ...{ issuer: platform.config.issuer, mostSecrets: MOST_SECRETS, mostKeys: MOST_KEYS },
      done: done && DONE[done],
    });
  };
}
