import Koa from 'koa';
import { factorRoutes, passkeyRoutes } from './accounts/credentials/routes.ts';
import { accountRoutes } from './accounts/routes.ts';
import { ADMIN_PARTS } from './admin/personal-data.ts';
import { adminRoutes } from './admin/routes.ts';
import { isOnTheWayToConsole } from './admin/way-to-console.ts';
import { limitStarts } from './defense/limits/limit-starts.ts';
import { shedLoad } from './defense/limits/overload.ts';
import { followNetworks, refuseSuspendedNetworks } from './defense/suspensions/networks.ts';
import { followSlowed } from './defense/suspensions/slowed.ts';
import { developerRoutes } from './developers/routes.ts';
import { DEVELOPER_PARTS } from './developers/personal-data.ts';
import { managementRoutes } from './management/routes.ts';
import { showEngineError } from './oidc/engine-errors.pages.ts';
import { type Engine, startEngine } from './oidc/provider.ts';
import { connectedAppRoutes, portalPageRoutes, personalTokenRoutes, protocolRoutes } from './oidc/routes.ts';
import { confirmSignOut, showSignedOut } from './oidc/sign-out.pages.ts';
import { missingKeys } from './oidc/signing-keys.ts';
import { logRequests } from './platform/observability/request-log.ts';
import type { Platform } from './platform/platform.ts';
import type { Context, Handler, RequestState } from './platform/web/context.ts';
import { errorEdge, logBrokenConnections } from './platform/web/errors.ts';
import { issuerRequests, pinIssuer } from './platform/web/request.ts';
import { webRoutes } from './platform/web/routes.ts';
import { securityHeaders } from './platform/web/security-headers.ts';

export interface App {
  readonly koa: Koa<RequestState, Context>;
  readonly engine: Engine;
  /** Reasons of this floor why no request should come here; the database's own are asked elsewhere. */
  ready(): Promise<string[]>;
}

/** The composition: middleware in order, the protocol, then every slice's pages. */
export async function createApp(platform: Platform): Promise<App> {
  const engine = await startEngine(platform, { confirmSignOut, showSignedOut, showError: showEngineError });
  await followNetworks(platform);
  await followSlowed(platform);
  const koa = new Koa<RequestState, Context>();
  koa.keys = [platform.vault.secret('cookie-signing').toString('base64url')];
  pinIssuer(koa, platform.config);
  logBrokenConnections(koa, platform);
  koa.use(logRequests(platform));
  koa.use(securityHeaders(platform));
  koa.use(issuerRequests(platform));
  koa.use(errorEdge(platform));
  koa.use(refuseSuspendedNetworks(platform));
  koa.use(shedLoad(platform, isOnTheWayToConsole));
  koa.use(limitStarts(platform));
  // Before the protocol, which has no need to look at what gateways ask about every call of every API.
  koa.use(managementRoutes(platform, engine).routes() as unknown as Handler);
  koa.use(protocolRoutes(platform, engine));
  const accounts = accountRoutes(platform, { dataParts: [...DEVELOPER_PARTS, ...ADMIN_PARTS] });
  const credentials = [passkeyRoutes(platform), factorRoutes(platform)];
  const connections = [
    connectedAppRoutes(platform),
    personalTokenRoutes(platform),
    portalPageRoutes(platform),
  ];
  const portal = developerRoutes(platform);
  const console = adminRoutes(platform);
  for (const routes of [webRoutes(), accounts, ...credentials, ...connections, portal, console]) {
    koa.use(routes.routes() as unknown as Handler);
    koa.use(routes.allowedMethods() as unknown as Handler);
  }
  return { koa, engine, ready: () => missingKeys(platform) };
}
