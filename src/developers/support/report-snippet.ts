import { js } from './literals.ts';

/** What of the API stands in the program that reports a token. */
export interface ReportValues {
  readonly issuer: string;
  readonly identifier: string;
  /** The URI of the event. */
  readonly event: string;
  /** Of a key that is registered. */
  readonly kid: string;
  readonly tokenFormat: 'opaque' | 'jwt';
}

/** Signs a report and sends it (RFC 8417, RFC 8935): Node 20, no packages. */
export function reportSnippet({ issuer, identifier, event, kid, tokenFormat }: ReportValues): string {
  const opaque = tokenFormat === 'opaque';
  return `// report.mjs: run it with TOKEN=… node report.mjs
import { ${opaque ? 'createHash, ' : ''}createPrivateKey, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { env } from 'node:process';

// private-key.pem holds the private key of a P-256 pair; the public one is registered.
const key = createPrivateKey(readFileSync('private-key.pem'));
const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

const report = {
${opaque ? "  // Its SHA-256, so that no live token lies in a log on the way.\n  token_digest: createHash('sha256').update(env.TOKEN).digest('base64url')," : '  token: env.TOKEN,'}
  reason: 'harvesting',
  note: 'Reads the records of many people, one after the other.',
};
const claims = {
  iss: ${js(identifier)},
  aud: ${js(issuer)},
  iat: Math.floor(Date.now() / 1000),
  jti: randomUUID(),
  events: { ${js(event)}: report },
};
const content = \`\${base64url({ typ: 'secevent+jwt', alg: 'ES256', kid: ${js(kid)} })}.\${base64url(claims)}\`;
const signature = sign('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' });

const answer = await fetch(${js(`${issuer}/security-events`)}, {
  method: 'POST',
  headers: { 'Content-Type': 'application/secevent+jwt' },
  body: \`\${content}.\${signature.toString('base64url')}\`,
});
console.log(answer.status, await answer.text());
`;
}
