/** Parts of the engine that it does not publish (internals.ts). */
declare module 'oidc-provider/lib/helpers/validate_dpop.js' {
  /** Throws InvalidDpopProof or UseDpopNonce. */
  export default function validateDpop(
    provider: unknown,
    context: object,
    accessToken: string,
  ): Promise<{ thumbprint: string; jti: string; iat: number }>;
}
