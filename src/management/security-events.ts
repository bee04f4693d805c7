import { findReporter, noteReportKeyUse, type ReportKey } from '../developers/apis/reports/report-keys.ts';
import { keepReport } from '../developers/apis/reports/reports.ts';
import { spend } from '../defense/limits/spend.ts';
import { verifiesWith } from '../developers/clients/credentials/public-keys.ts';
import type { Engine } from '../oidc/provider.ts';
import { findReportedToken } from '../oidc/reported-token.ts';
import { epochSeconds } from '../platform/clock.ts';
import type { Platform } from '../platform/platform.ts';
import { judgeSet, readSet, type SetFault, setFault } from './security-event-token.ts';

/** `counted` is for the log alone: whoever reports learns nothing of tokens that are not theirs. */
export type ReportReceived = { readonly ok: true; readonly counted: boolean } | SetFault;

/**
 * An API says that a token misbehaves, in a Security Event Token (RFC 8417) signed with a key of its own: the signature
 * is its authentication. A token of another API, an unknown one and a repeated report are taken like every other, and
 * count nothing.
 */
export async function receiveReport(
  platform: Platform,
  engine: Pick<Engine, 'verifyingKey'>,
  text: string,
): Promise<ReportReceived> {
  const set = readSet(text);
  if (!set.ok) return set;
  const reporter = await findReporter(platform, set.issuer);
  const key = reporter?.keys.find(({ kid }) => kid === set.kid);
  // Which of them is unknown is not said: nobody finds out here which identifiers are registered.
  if (!reporter || !key || !isSigned(key, set.alg, text)) return setFault('authentication_failed', UNSIGNED);
  const spent = await spend(platform, 'security-events', reporter.api.clientId);
  if (!spent.ok)
    return { ...setFault('access_denied', TOO_MANY), retryAfterSeconds: spent.retryAfterSeconds };
  const { config, clock } = platform;
  const judged = judgeSet(set.claims, config.issuer, epochSeconds(clock.now()));
  if (!judged.ok) return judged;
  const { jti, event } = judged;
  const name =
    event.token === undefined
      ? { digest: Buffer.from(event.token_digest ?? '', 'base64url') }
      : { jwt: event.token };
  const token = await findReportedToken(platform, engine, reporter.api, name);
  await noteReportKeyUse(platform, key.id);
  if (!token) return { ok: true, counted: false };
  const { reason, note } = event;
  const counted = await keepReport(platform, {
    ...{ api: reporter.api, jti, ...token },
    ...{ reason, note: note || null },
  });
  return { ok: true, counted };
}

const TOO_MANY = 'This API reports too much at once. Wait as long as Retry-After says.';
const UNSIGNED =
  'No key that the API in iss registered, with the kid and alg of the header, verifies this SET.';

function isSigned({ jwk }: ReportKey, alg: string, text: string): boolean {
  return verifiesWith(jwk, alg, text);
}
