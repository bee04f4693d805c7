/** What of the reader's own API stands in the program that protects it. The secret is read from the environment. */
export interface ProtectValues {
  readonly issuer: string;
  readonly clientId: string;
  readonly identifier: string;
  readonly scope: string;
}

/** A server that answers only to a token that is alive, meant for it, and holds the scope (RFC 7662, RFC 6750). */
export function protectSnippet({ issuer, clientId, identifier, scope }: ProtectValues): string {
  return `// api.mjs: run it with API_SECRET=… PORT=8080 node api.mjs
import { createServer } from 'node:http';
import { env } from 'node:process';

const introspection = '${issuer}/token/introspection';
const identifier = ${JSON.stringify(identifier)};
const credentials = btoa(\`${clientId}:\${env.API_SECRET}\`);

// Answers the token, or refuses in the words of RFC 6750.
async function check(request, scope) {
  const [, token] = /^(?:Bearer|DPoP) ([\\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (!token) return { status: 401, challenge: 'Bearer' };
  const answer = await fetch(introspection, {
    method: 'POST',
    headers: { Authorization: \`Basic \${credentials}\` },
    body: new URLSearchParams({ token }),
  });
  if (!answer.ok) return { status: 503 };
  const found = await answer.json();
  // A token that is bound to a key needs its proof checked too: refused here, until you do.
  if (!found.active || found.aud !== identifier || found.cnf)
    return { status: 401, challenge: 'Bearer error="invalid_token"' };
  if (!found.scope?.split(' ').includes(scope))
    return { status: 403, challenge: \`Bearer error="insufficient_scope", scope="\${scope}"\` };
  return { status: 200, token: found };
}

const server = createServer(async (request, response) => {
  const { status, challenge, token } = await check(request, ${JSON.stringify(scope)});
  if (challenge) response.setHeader('WWW-Authenticate', challenge);
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(token ? JSON.stringify({ hello: token.sub ?? token.client_id }) : '{}');
});
server.listen(env.PORT ?? 8080, () => console.log('ready'));
`;
}
