import { z } from 'zod';

/** What browsers report of how an authenticator is reached; anything else they may say is left out. */
const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'];

const LONGEST_ANSWER = 32_768;

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/);

const credentialFields = {
  id: base64url.max(1400),
  rawId: base64url.max(1400),
  type: z.literal('public-key'),
};

const AttestationJson = z
  .object({
    ...credentialFields,
    response: z.object({
      clientDataJSON: base64url,
      attestationObject: base64url,
      transports: z.array(z.string()).max(20).default([]),
    }),
  })
  .transform((answer) => ({ ...answer, clientExtensionResults: {} }));

const AssertionJson = z
  .object({
    ...credentialFields,
    response: z.object({
      clientDataJSON: base64url,
      authenticatorData: base64url,
      signature: base64url,
      userHandle: base64url.max(128).optional(),
    }),
  })
  .transform((answer) => ({ ...answer, clientExtensionResults: {} }));

/** What the browser signed along (WebAuthn §5.8.1). We are never framed, so an answer given inside a frame is none. */
const ClientData = z.object({
  type: z.string(),
  challenge: base64url.max(100),
  origin: z.string(),
  crossOrigin: z.literal(false).optional(),
  topOrigin: z.undefined().optional(),
});

type ClientData = z.output<typeof ClientData>;

/** A browser's answer to registration: well-formed, nothing of it checked yet. */
export interface Attestation {
  readonly credential: z.output<typeof AttestationJson>;
  readonly client: ClientData;
}

/** A browser's answer to a sign-in: well-formed, nothing of it checked yet. */
export interface Assertion {
  readonly credential: z.output<typeof AssertionJson>;
  readonly client: ClientData;
}

export function readAttestation(text: string): Attestation | undefined {
  const credential = AttestationJson.safeParse(jsonOf(text)).data;
  const client = credential && clientDataOf(credential.response.clientDataJSON);
  return credential && client && { credential, client };
}

export function readAssertion(text: string): Assertion | undefined {
  const credential = AssertionJson.safeParse(jsonOf(text)).data;
  const client = credential && clientDataOf(credential.response.clientDataJSON);
  return credential && client && { credential, client };
}

export function knownTransports(claimed: readonly string[]): string[] {
  return TRANSPORTS.filter((transport) => claimed.includes(transport));
}

function clientDataOf(encoded: string): ClientData | undefined {
  return ClientData.safeParse(jsonOf(Buffer.from(encoded, 'base64url').toString())).data;
}

function jsonOf(text: string): unknown {
  if (text.length > LONGEST_ANSWER) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
