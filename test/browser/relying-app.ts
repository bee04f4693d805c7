import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as oidc from 'openid-client';
import { relyingParty, type RelyingParty, type Request } from '../support/relying-party.ts';
import type { Page } from '../support/visitor.ts';
import type { App } from '../support/world.ts';

type Tokens = Awaited<ReturnType<RelyingParty['redeem']>>;

/** A web app of somebody else, on another site than the server: 127.0.0.1 beside localhost. One person uses it. */
export interface RelyingApp {
  readonly origin: string;
  readonly redirectUri: string;
  /** Where a person returns to who signed out at the server. */
  readonly signedOutUri: string;
  /** Makes it the app registered as `client`; `params` go into each of its authorization requests. */
  connect(issuer: string, client: App, params?: Readonly<Record<string, string>>): Promise<RelyingParty>;
  /** What the last visit of the callback brought. */
  readonly tokens: Tokens | undefined;
  stop(): Promise<void>;
}

interface Memory {
  party?: RelyingParty;
  params?: Readonly<Record<string, string>>;
  request?: Request;
  tokens?: Tokens | undefined;
}

export async function startRelyingApp(): Promise<RelyingApp> {
  const memory: Memory = {};
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', originOf(server));
    answer(memory, url).then(
      ({ to, page }) => {
        response.writeHead(to ? 303 : 200, to ? { Location: to } : { 'Content-Type': 'text/html' });
        response.end(page);
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: originOf(server),
    redirectUri: `${originOf(server)}/callback`,
    signedOutUri: `${originOf(server)}/signed-out`,
    async connect(issuer, client, params = {}) {
      memory.party = await relyingParty(issuer, client);
      memory.params = params;
      return memory.party;
    },
    get tokens() {
      return memory.tokens;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  };
}

async function answer(memory: Memory, url: URL): Promise<{ to?: string; page?: string }> {
  const { party, params } = memory;
  if (!party) throw new Error('the app is not registered yet');
  switch (url.pathname) {
    case '/sign-in':
      memory.request = await party.request(params);
      return { to: memory.request.url };
    case '/callback':
      return { to: await arrive(memory, party, url) };
    case '/sign-out':
      return { to: signOutAddress(memory, party, url.origin) };
    case '/signed-out':
      return { page: page('You left the app') };
    case '/not-allowed':
      return { page: page(`Not allowed: ${url.searchParams.get('error')?.replace(/\W/g, ' ')}`) };
    default:
      return { page: page(memory.tokens ? 'You are in the app' : 'Welcome to the app') };
  }
}

async function arrive(memory: Memory, party: RelyingParty, url: URL): Promise<string> {
  const error = url.searchParams.get('error');
  if (error || !memory.request) return `/not-allowed?error=${error}`;
  memory.tokens = await party.redeem(memory.request, { location: url.href } as Page);
  return '/';
}

function signOutAddress(memory: Memory, party: RelyingParty, origin: string): string {
  const there = {
    id_token_hint: String(memory.tokens?.id_token),
    post_logout_redirect_uri: `${origin}/signed-out`,
  };
  memory.tokens = undefined;
  return oidc.buildEndSessionUrl(party.config, there).href;
}

function page(title: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>${title}</title>
<h1>${title}</h1><p><a href="/sign-in">Sign in</a> <a href="/sign-out">Sign out</a></p>`;
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
