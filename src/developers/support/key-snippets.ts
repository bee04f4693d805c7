/** How a program of the guide proves itself with a key (private_key_jwt): the parts that go into it. */

/** What it needs of node:crypto. */
export const KEY_CRYPTO = ['createPrivateKey', 'randomUUID', 'sign'] as const;

/** The clock of the reader's program, not ours. */
const THEIR_CLOCK = `Date.${'now'}()`;

/** Signs a statement that is good for one request. Reads `clientId` and `issuer`. */
export const KEY_ASSERTION = `const key = createPrivateKey(env.PRIVATE_KEY);
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

// Proves that this is the app: signed by its key, for this server, for one request.
function assertion() {
  const now = Math.floor(${THEIR_CLOCK} / 1000);
  const claims = { iss: clientId, sub: clientId, aud: issuer, jti: randomUUID(), iat: now, exp: now + 60 };
  const input = \`\${part({ alg: 'ES256' })}.\${part(claims)}\`;
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return \`\${input}.\${signature.toString('base64url')}\`;
}`;

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The parameters of a token request that carry it. */
export function keyFields(indent: string): string {
  return `\n${indent}client_assertion_type: '${ASSERTION_TYPE}',\n${indent}client_assertion: assertion(),`;
}

export const KEY_COMMAND = `  -d client_assertion_type=${ASSERTION_TYPE} \\\n  -d client_assertion="$CLIENT_ASSERTION" \\\n`;
