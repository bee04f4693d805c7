import { isLoopbackHost } from '../../platform/loopback.ts';
import type { AppType, AuthMethod } from '../clients/app-types.ts';
import { ENDPOINTS } from '../endpoints.ts';
import { basic, commandProof, importsFor, inBody, proofOf, secretGiven } from './client-proof-snippets.ts';
import { assertionCommands, KEY_IMPORTS } from './key-snippets.ts';
import { js, sh } from './literals.ts';

/** What of the reader's own app stands in a snippet. A secret never does: programs read it from the environment. */
export interface SnippetValues {
  readonly issuer: string;
  readonly clientId: string;
  readonly authMethod: AuthMethod;
  /** The first that is registered; a machine has none. */
  readonly redirectUri: string | undefined;
  readonly scopes: readonly string[];
  /** The API meant, where the app names one. */
  readonly resource: string | undefined;
}

/** Programs that get a real token: one to keep (Node 20 or a browser, no packages), one for a terminal. */
export interface Snippets {
  readonly javascript: string;
  readonly curl: string;
}

export function snippetsFor(type: AppType, values: SnippetValues): Snippets {
  if (type === 'machine') return { javascript: machineProgram(values), curl: machineCommand(values) };
  const javascript = type === 'spa' ? browserProgram(values) : signInProgram(values);
  return { javascript, curl: signInCommands(values) };
}

function machineProgram({ issuer, clientId, authMethod, scopes, resource }: SnippetValues): string {
  return `// token.mjs: run it with ${secretGiven(authMethod)}node token.mjs
${authMethod === 'private_key_jwt' ? KEY_IMPORTS : "import { env } from 'node:process';"}

const issuer = ${js(issuer)};
const clientId = ${js(clientId)};${proofOf(authMethod)}

const answer = await fetch(issuer + ${js(ENDPOINTS.token)}, {
  method: 'POST',${basic(authMethod, '  ')}
  body: new URLSearchParams({
    grant_type: 'client_credentials',${fields('    ', { scope: scopes.join(' '), resource })}${inBody(authMethod, '    ')}
  }),
});
console.log(answer.status, await answer.json());
`;
}

function machineCommand({ issuer, clientId, scopes, resource, authMethod }: SnippetValues): string {
  const keyed = authMethod === 'private_key_jwt';
  return `${keyed ? assertionCommands(issuer, clientId) : '# CLIENT_SECRET must be in the environment.\n'}curl ${sh(issuer + ENDPOINTS.token)} \\
${commandProof(authMethod, clientId)}  -d grant_type=client_credentials${commandFields({ scope: scopes.join(' '), resource })}
`;
}

/** Web, native, command line and agent: the program listens where the browser comes back, or is told where it ended. */
function signInProgram(values: SnippetValues): string {
  const { issuer, clientId, authMethod, redirectUri = '' } = values;
  const url = new URL(redirectUri);
  const listens = url.protocol === 'http:' && isLoopbackHost(url.hostname);
  return `// sign-in.mjs: run it with ${secretGiven(authMethod)}node sign-in.mjs
import { createHash, randomBytes } from 'node:crypto';${importsFor(authMethod)}
${listens ? "import { createServer } from 'node:http';\nimport { once } from 'node:events';" : "import { createInterface } from 'node:readline/promises';"}

const issuer = ${js(issuer)};
const clientId = ${js(clientId)};${proofOf(authMethod)}

${listens ? listening(url) : `const redirectUri = ${js(redirectUri)};`}

// PKCE: only whoever began can finish.
const verifier = randomBytes(32).toString('base64url');
const challenge = createHash('sha256').update(verifier).digest('base64url');
const state = randomBytes(16).toString('base64url');
const request = new URL(${js(ENDPOINTS.authorization)}, issuer);
request.search = new URLSearchParams({
  response_type: 'code',
  client_id: clientId,
  redirect_uri: redirectUri,${fields('  ', { scope: values.scopes.join(' '), resource: values.resource })}
  state,
  code_challenge: challenge,
  code_challenge_method: 'S256',
});
console.log(\`Open this in a browser:\\n\\n\${request}\\n\`);

${listens ? RECEIVING : ASKING}
if (back.get('state') !== state || back.get('iss') !== issuer) throw new Error('not our answer');
if (back.has('error')) throw new Error(back.get('error_description') ?? back.get('error'));

const answer = await fetch(issuer + ${js(ENDPOINTS.token)}, {
  method: 'POST',${basic(authMethod, '  ')}
  body: new URLSearchParams({
    grant_type: 'authorization_code',
    code: back.get('code'),
    redirect_uri: redirectUri,
    code_verifier: verifier,${inBody(authMethod, '    ')}
  }),
});
console.log(answer.status, await answer.json());
`;
}

/** An address without a port is registered for any port (RFC 8252 §7.3). */
function listening(url: URL): string {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const [before, after] = [`http://${url.hostname}:`, url.href.slice(url.origin.length)];
  return `const server = createServer().listen(${url.port === '' ? 0 : url.port}, ${js(host)});
await once(server, 'listening');
const redirectUri = ${js(before)} + server.address().port + ${js(after)};`;
}

const RECEIVING = `const [arrived, page] = await once(server, 'request');
page.end('You can close this window.');
server.close();
const back = new URL(arrived.url, redirectUri).searchParams;`;

const ASKING = `const terminal = createInterface({ input: process.stdin, output: process.stdout });
const back = new URL(await terminal.question('Paste the address the browser was sent to: ')).searchParams;
terminal.close();`;

/** A single-page app: the same page begins and, once the browser is back, finishes. */
function browserProgram(values: SnippetValues): string {
  const { issuer, clientId, redirectUri = '' } = values;
  return `// sign-in.js: a module of the page at ${redirectUri}
const issuer = ${js(issuer)};
const clientId = ${js(clientId)};
const redirectUri = ${js(redirectUri)};

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

// Call it when somebody presses "Sign in".
export async function signIn() {
  const kept = { state: random(), verifier: random() };
  sessionStorage.setItem('sign-in', JSON.stringify(kept));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(kept.verifier));
  const request = new URL(${js(ENDPOINTS.authorization)}, issuer);
  request.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,${fields('    ', { scope: values.scopes.join(' '), resource: values.resource })}
    state: kept.state,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: 'S256',
  });
  location.assign(request);
}

// Call it when the page loads: answers the tokens once the browser is back, else undefined.
export async function finishSignIn() {
  const back = new URLSearchParams(location.search);
  const kept = JSON.parse(sessionStorage.getItem('sign-in') ?? 'null');
  if (!back.has('state') || !kept) return undefined;
  sessionStorage.removeItem('sign-in');
  history.replaceState(null, '', location.pathname);
  if (back.get('state') !== kept.state || back.get('iss') !== issuer) throw new Error('not our answer');
  if (back.has('error')) throw new Error(back.get('error_description') ?? back.get('error'));
  const answer = await fetch(issuer + ${js(ENDPOINTS.token)}, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: back.get('code'),
      redirect_uri: redirectUri,
      code_verifier: kept.verifier,
      client_id: clientId,
    }),
  });
  return answer.json();
}
`;
}

function signInCommands(values: SnippetValues): string {
  const { issuer, clientId, authMethod, redirectUri = '', scopes, resource } = values;
  const asked = { response_type: 'code', client_id: clientId, redirect_uri: redirectUri };
  const query = new URLSearchParams({
    ...asked,
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    ...(resource !== undefined && { resource }),
    code_challenge_method: 'S256',
  });
  return `VERIFIER=$(openssl rand -hex 32)
CHALLENGE=$(printf %s "$VERIFIER" | openssl dgst -sha256 -binary | openssl base64 | tr '+/' '-_' | tr -d '=')
STATE=$(openssl rand -hex 16)

# 1. Open this in a browser. It is sent to your redirect URI, which need not answer yet.
echo ${sh(`${issuer}${ENDPOINTS.authorization}?${query}`)}"&code_challenge=$CHALLENGE&state=$STATE"

# 2. Its address line now holds a code, which works once and for a minute.
read -r -p 'The value of code: ' CODE

# 3. Change it for tokens.
${authMethod === 'private_key_jwt' ? assertionCommands(issuer, clientId) : ''}curl ${sh(issuer + ENDPOINTS.token)} \\
${commandProof(authMethod, clientId)}  -d grant_type=authorization_code \\
  -d code="$CODE" \\
  -d code_verifier="$VERIFIER" \\
  --data-urlencode ${sh(`redirect_uri=${redirectUri}`)}
`;
}

function fields(indent: string, values: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(values)
    .filter(([, value]) => value)
    .map(([name, value]) => `\n${indent}${name}: ${js(String(value))},`)
    .join('');
}

function commandFields(values: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(values)
    .filter(([, value]) => value)
    .map(([name, value]) => ` \\\n  --data-urlencode ${sh(`${name}=${value}`)}`)
    .join('');
}
