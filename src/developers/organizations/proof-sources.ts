import { Resolver } from 'node:dns/promises';
import type { Platform } from '../../platform/platform.ts';
import { type Fetched, guardedFetch } from '../../platform/web/guarded-fetch.ts';

/** Where a proof lies: a TXT record under this name, or a file at this address. */
export const recordName = (host: string) => `_gatehouse-challenge.${host}`;
export const fileAddress = (host: string) => `https://${host}/.well-known/gatehouse-challenge`;

/** What is asked for proofs: DNS and the web, or what a test puts in their place. */
export interface ProofSources {
  /** The strings of each TXT record; rejects as node:dns does. */
  txt(name: string): Promise<string[][]>;
  file(address: string): Promise<Fetched>;
}

const DNS_LIMITS = { timeout: 2000, tries: 2 };
const FILE_LIMITS = { maxBytes: 1024, timeoutMs: 5000, accept: 'text/plain' };

export function publicSources(platform: Platform): ProofSources {
  return {
    txt: (name) => new Resolver(DNS_LIMITS).resolveTxt(name),
    file: (address) => guardedFetch(platform, address, FILE_LIMITS),
  };
}

/** `gone`: whoever was asked answered, and the proof is not there. Else nobody knows. */
export type Looked =
  | { readonly found: true }
  | { readonly found: false; readonly gone: boolean; readonly sentence: string };

/** Looks for the challenge of a claimed host where `method` says. */
export async function lookForProof(
  sources: ProofSources,
  { host, challenge }: { readonly host: string; readonly challenge: string },
  method: 'dns' | 'file',
): Promise<Looked> {
  return method === 'dns' ? lookInDns(sources, host, challenge) : lookInFile(sources, host, challenge);
}

async function lookInDns({ txt }: ProofSources, host: string, challenge: string): Promise<Looked> {
  const name = recordName(host);
  try {
    const records = await txt(name);
    if (records.some((strings) => strings.join('').trim() === challenge)) return { found: true };
    return missing(
      `${name} has TXT records, but none with your challenge. Compare them, and wait for old ones to expire.`,
    );
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTFOUND' || code === 'ENODATA') {
      return missing(`There is no TXT record at ${name} yet. New records can take some minutes to be seen.`);
    }
    return unknown(`The name servers of ${host} did not answer. Try again in a minute.`);
  }
}

async function lookInFile({ file }: ProofSources, host: string, challenge: string): Promise<Looked> {
  const address = fileAddress(host);
  const fetched = await file(address);
  if (!fetched.ok) return unknown(fetched.sentence);
  if (fetched.status !== 200)
    return missing(`${address} answers with status ${fetched.status} instead of 200.`);
  if (fetched.body.toString('utf8').trim() === challenge) return { found: true };
  return missing(`${address} does not hold your challenge, or holds something besides it.`);
}

function missing(sentence: string): Looked {
  return { found: false, gone: true, sentence };
}

function unknown(sentence: string): Looked {
  return { found: false, gone: false, sentence };
}
