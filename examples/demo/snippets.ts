import type { Seeds } from './seed.ts';

/** What the lines to copy are filled in with. */
export interface SnippetFacts {
  readonly issuer: string;
  /** As one would type it at the top of the project. */
  readonly dataDir: string;
  readonly calendarOrganization: string;
  readonly calendar: Seeds['calendar'];
  readonly script: Seeds['script'];
}

const OWN_API = 'http://localhost:4000';

/** A whole API in fifteen lines, without any library: it answers who holds a token that is good here. */
export function ownApi({ issuer, calendar: { clientId, secret, identifier } }: SnippetFacts): string {
  return `import { createServer } from 'node:http';

const me = Buffer.from('${clientId}:${secret}').toString('base64');
createServer(async (request, response) => {
  const answer = await fetch('${issuer}/token/introspection', {
    method: 'POST',
    headers: { authorization: \`Basic \${me}\` },
    body: new URLSearchParams({ token: request.headers.authorization?.replace(/^Bearer +/i, '') ?? '' }),
  });
  const token = await answer.json();
  const refuse = (status, error) => response.writeHead(status, { 'www-authenticate': \`Bearer error="\${error}"\` }).end();
  if (!token.active || token.aud !== '${identifier}') return refuse(401, 'invalid_token');
  if (!token.scope?.split(' ').includes('calendar:read')) return refuse(403, 'insufficient_scope');
  response.end(\`Hello \${token.sub ?? token.client_id}\\n\`);
}).listen(${new URL(OWN_API).port}, '127.0.0.1');`;
}

/** A token for a program of one's own (client credentials), and a call with it. */
export function getToken({ issuer, script, calendar }: SnippetFacts): string {
  return `curl -u ${script.clientId}:${script.secret} ${issuer}/token \\
  -d grant_type=client_credentials -d scope=calendar:read -d resource=${calendar.identifier}

curl -i ${OWN_API} -H "Authorization: Bearer <access_token>"`;
}

export function registerApi(facts: SnippetFacts): string {
  return `${commandLine(facts)} api create \\
  --organization ${facts.calendarOrganization} \\
  --name "My API" --identifier ${OWN_API} --scope "things:read=See your things"`;
}

export function listClients(facts: SnippetFacts): string {
  return `${commandLine(facts)} client list`;
}

/** The command line on the demo's data. Its issuer is a default only on the usual port. */
function commandLine({ dataDir, issuer }: SnippetFacts): string {
  const setting = issuer === 'http://localhost:3000' ? '' : ` ISSUER_URL=${issuer}`;
  return `DATA_DIR=${dataDir}${setting} npm run --silent gatehouse --`;
}
