import { sh } from './literals.ts';

/** The command that redeems an access code without an account. The code comes from the environment, the key is public. */
export function redemptionSnippet(issuer: string): string {
  return `# ACCESS_CODE must be in the environment; key.json holds the public key as a JWK.
curl ${sh(`${issuer}/access-codes/redemptions`)} \\
  -H 'Content-Type: application/json' \\
  -d '{
    "code": "'"$ACCESS_CODE"'",
    "client": {
      "client_name": "Night export",
      "application_type": "machine",
      "jwks": { "keys": ['"$(cat key.json)"'] }
    }
  }'
`;
}
