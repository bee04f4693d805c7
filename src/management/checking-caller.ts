import { type CheckingApi, loadCheckingApi } from '../developers/apis/gateway/checking-api.ts';
import { keepFresh } from '../oidc/fresh.ts';
import { secretFits } from '../oidc/registered-clients.ts';
import type { Platform } from '../platform/platform.ts';

type FindApi = (clientId: string) => Promise<CheckingApi | undefined>;

const finders = new WeakMap<Platform['sql'], FindApi>();

/** Whoever asks in the name of an API, proven or not; undefined where no API is named. */
export interface CheckingCaller {
  readonly api: CheckingApi;
  readonly proven: boolean;
}

/** The API that a gateway asks for, by `Basic` credentials; its record is half a second old at most. */
export async function findCaller(
  platform: Platform,
  credentials: string | undefined,
  address: string,
): Promise<CheckingCaller | undefined> {
  const [, encoded] = /^basic ([a-z0-9+/]{1,600}={0,2})$/i.exec(credentials ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  let find = finders.get(platform.sql);
  if (!find) {
    find = keepFresh((clientId) => loadCheckingApi(platform, clientId));
    finders.set(platform.sql, find);
  }
  const api = await find(text.slice(0, colon));
  return api && { api, proven: secretFits(platform, api, text.slice(colon + 1), address) };
}
