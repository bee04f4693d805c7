import { createHash } from 'node:crypto';
import type Provider from 'oidc-provider';
import type { Handler } from '../platform/web/context.ts';
import { LANGUAGES } from '../platform/words/texts.ts';
import { DISCOVERY, ENDPOINTS } from '../developers/endpoints.ts';
import type { Engine } from './provider.ts';
import { PROMPTS, RESPONSE_MODES } from './request-checks.ts';

/** Both discovery documents and the keys: the same for everybody until the engine is built anew. */
const PUBLISHED: ReadonlySet<string> = new Set([...DISCOVERY, ENDPOINTS.jwks]);

/** Shorter than the time a next key is published before it signs. */
const MAX_AGE_SECONDS = 60;

interface Published {
  readonly body: Buffer;
  readonly type: string;
  readonly etag: string;
}

/** Answers the published documents from memory; the engine makes each of them once. */
export function publishedDocuments(engine: Engine): Handler {
  const kept = new WeakMap<Provider, Map<string, Published>>();
  return async (ctx, next) => {
    if ((ctx.method !== 'GET' && ctx.method !== 'HEAD') || !PUBLISHED.has(ctx.path)) return next();
    const { provider } = engine;
    let documents = kept.get(provider);
    if (!documents) {
      documents = new Map();
      kept.set(provider, documents);
    }
    let document = documents.get(ctx.path);
    if (!document) {
      await next();
      if (ctx.status !== 200 || ctx.method !== 'GET') return;
      const body = Buffer.from(JSON.stringify(truthful(ctx.body as Record<string, unknown>)));
      const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
      document = { body, type: ctx.response.get('Content-Type'), etag };
      documents.set(ctx.path, document);
    }
    ctx.status = 200;
    ctx.type = document.type;
    ctx.set('Cache-Control', `public, max-age=${MAX_AGE_SECONDS}`);
    ctx.set('Access-Control-Allow-Origin', '*');
    ctx.set('ETag', document.etag);
    if (ctx.fresh) ctx.status = 304;
    else ctx.body = document.body;
  };
}

/**
 * What the engine announces although no client here can have it is left out of the metadata (RFC 8414 §2); what only
 * we know is added.
 */
function truthful(document: Record<string, unknown>): Record<string, unknown> {
  const { issuer, claims_supported: claims } = document;
  const { token_endpoint_auth_methods_supported: methods } = document;
  const { token_endpoint_auth_signing_alg_values_supported: algorithms } = document;
  if (issuer === undefined) return document;
  return {
    ...document,
    response_modes_supported: RESPONSE_MODES,
    subject_types_supported: ['pairwise'],
    ui_locales_supported: LANGUAGES,
    claims_supported: (claims as string[]).filter((claim) => claim !== 'sid'),
    prompt_values_supported: PROMPTS,
    ...alikeAt('revocation', methods as string[], algorithms),
    ...alikeAt('introspection', methods as string[], algorithms),
    service_documentation: `${issuer}/docs`,
  };
}

/** Apps and APIs prove who they are there as at the token endpoint; unsaid, it would mean client_secret_basic alone (RFC 8414 §2). */
function alikeAt(endpoint: string, methods: readonly string[], algorithms: unknown): Record<string, unknown> {
  return {
    [`${endpoint}_endpoint_auth_methods_supported`]: methods,
    [`${endpoint}_endpoint_auth_signing_alg_values_supported`]: algorithms,
  };
}
