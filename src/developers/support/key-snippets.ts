import { sh } from './literals.ts';

/** What the program of an app with a key of its own has besides (private_key_jwt, RFC 7523): it signs a short JWT. */
export const KEY_IMPORTS = `import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';`;

/** Of a P-256 pair, in PEM; the public half is registered. Node's default is DER, which no JWT is signed with. */
export const ASSERTION = `// private-key.pem holds the private key of a P-256 pair; the public one is registered.
const key = createPrivateKey(readFileSync('private-key.pem'));
const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function assertion() {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: clientId, sub: clientId, aud: issuer, jti: randomUUID(), exp: now + 60 };
  const content = \`\${base64url({ alg: 'ES256' })}.\${base64url(claims)}\`;
  const signature = sign('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' });
  return \`\${content}.\${signature.toString('base64url')}\`;
}`;

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

export function assertionFields(indent: string): string {
  return `\n${indent}client_assertion_type: '${TYPE}',\n${indent}client_assertion: assertion(),`;
}

export const ASSERTION_OPTIONS = `  -d client_assertion_type=${TYPE} \\\n  -d client_assertion="$ASSERTION" \\\n`;

/** The same for a terminal. openssl signs in DER: two numbers, which a JWT wants one after the other, 32 bytes each. */
export function assertionCommands(issuer: string, clientId: string): string {
  const claims = `{"iss":"%s","sub":"%s","aud":"%s","jti":"%s","exp":%s}`;
  return `# private-key.pem holds the private key of a P-256 pair; the public one is registered.
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
CLAIMS=$(printf '${claims}' ${sh(clientId)} ${sh(clientId)} ${sh(issuer)} \\
  "$(openssl rand -hex 16)" "$(($(date +%s) + 60))")
CONTENT=$(printf '{"alg":"ES256"}' | base64url).$(printf %s "$CLAIMS" | base64url)
SIGNATURE=$(printf %s "$CONTENT" | openssl dgst -sha256 -sign private-key.pem |
  openssl asn1parse -inform DER | sed -n 's/.*INTEGER *://p' |
  while read -r NUMBER; do
    printf "$(printf '%64s' "$NUMBER" | tr ' ' 0 | sed 's/../\\\\x&/g')"
  done | base64url)
ASSERTION=$CONTENT.$SIGNATURE

`;
}

/** Makes a pair of keys where it is run. */
export const KEY_PAIR_PROGRAM = `node -e "
const { generateKeyPairSync } = require('node:crypto');
const { writeFileSync } = require('node:fs');
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
writeFileSync('private-key.pem', pem, { mode: 0o600, flag: 'wx' });
console.log(JSON.stringify(pair.publicKey.export({ format: 'jwk' })));
"`;
