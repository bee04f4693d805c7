import { type AuthMethod, usesSecret } from '../clients/app-types.ts';
import { ASSERTION, ASSERTION_OPTIONS, assertionFields, KEY_IMPORTS } from './key-snippets.ts';
import { sh } from './literals.ts';

/** How a program is begun that reads its secret from the environment. */
export function secretGiven(authMethod: AuthMethod): string {
  return usesSecret(authMethod) ? 'CLIENT_SECRET=… ' : '';
}

/** What the proof needs imported. */
export function importsFor(authMethod: AuthMethod): string {
  if (usesSecret(authMethod)) return "\nimport { env } from 'node:process';";
  return authMethod === 'private_key_jwt' ? `\n${KEY_IMPORTS}` : '';
}

/** Where the program gets what it proves itself with. */
export function proofOf(authMethod: AuthMethod): string {
  if (usesSecret(authMethod)) return '\nconst clientSecret = env.CLIENT_SECRET;';
  return authMethod === 'private_key_jwt' ? `\n\n${ASSERTION}` : '';
}

/** The header of client_secret_basic (RFC 6749 §2.3.1), else nothing. */
export function basic(authMethod: AuthMethod, indent: string): string {
  if (authMethod !== 'client_secret_basic') return '';
  return `\n${indent}headers: { Authorization: \`Basic \${btoa(\`\${clientId}:\${clientSecret}\`)}\` },`;
}

/** The fields of every other method, in the body: the id alone for a public client. */
export function inBody(authMethod: AuthMethod, indent: string): string {
  if (authMethod === 'client_secret_basic') return '';
  if (authMethod === 'private_key_jwt') return assertionFields(indent);
  const id = `\n${indent}client_id: clientId,`;
  return authMethod === 'none' ? id : `${id}\n${indent}client_secret: clientSecret,`;
}

/** The same as options of curl. */
export function commandProof(authMethod: AuthMethod, clientId: string): string {
  if (authMethod === 'private_key_jwt') return ASSERTION_OPTIONS;
  if (authMethod === 'client_secret_basic') return `  -u ${sh(clientId)}:"$CLIENT_SECRET" \\\n`;
  const secret = authMethod === 'client_secret_post' ? '  -d client_secret="$CLIENT_SECRET" \\\n' : '';
  return `  -d ${sh(`client_id=${clientId}`)} \\\n${secret}`;
}
