import { lookup, Resolver } from 'node:dns/promises';
import { type ClientRequest, type IncomingMessage, type RequestOptions, request as http } from 'node:http';
import { request as https } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Config } from '../../config.ts';
import type { Platform } from '../platform.ts';
import { type Refused, refused } from '../refused.ts';
import { type Circuit, openCircuit } from './circuit.ts';
import { isPublicAddress } from './public-addresses.ts';

/** What is fetched, and how much of it and for how long we wait. */
export interface FetchLimits {
  readonly maxBytes: number;
  /** For all of it: name, connection, answer. */
  readonly timeoutMs: number;
  readonly accept?: string;
}

/** `refused`: not an address we fetch from. `unreachable`: nothing there, or nothing we may reach: never said which. */
export type FetchFailure = Refused<
  'refused' | 'unreachable' | 'resting' | 'redirected' | 'encoded' | 'too-large'
>;

export type Fetched =
  | { readonly ok: true; readonly status: number; readonly body: Buffer; readonly contentType: string }
  | FetchFailure;

/** How a host becomes addresses: the system's resolvers, unless a test brings its own. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

/**
 * Fetches what others chose the address of. https only, ports 443 and from 1024 up, no user names, no redirects; the
 * name is resolved once, every address it has must be public, and the connection goes to those and to no other. The
 * operator's OUTBOUND_ALLOW exempts exact origins from all but the limits. A body is for judging, never for showing:
 * it may be somebody's who answers only to us.
 */
export async function guardedFetch(
  platform: Outbound,
  url: string,
  { accept = '*/*', ...limits }: FetchLimits,
  resolve?: ResolveHost,
): Promise<Fetched> {
  const answer = await guardedRequest(
    platform,
    url,
    { ...limits, method: 'GET', headers: { accept } },
    resolve,
  );
  if (!answer.ok) return answer;
  const { status, body, headers } = answer;
  return { ok: true, status, body, contentType: headers['content-type'] ?? '' };
}

export type Outbound = Pick<Platform, 'config' | 'clock' | 'log'>;

export interface OutboundRequest extends FetchLimits {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type OutboundAnswer =
  | {
      readonly ok: true;
      readonly status: number;
      readonly body: Buffer;
      readonly headers: IncomingMessage['headers'];
    }
  | FetchFailure;

/** The same for any method. */
export async function guardedRequest(
  platform: Outbound,
  url: string,
  request: OutboundRequest,
  resolve?: ResolveHost,
): Promise<OutboundAnswer> {
  const target = judgeUrl(platform.config, url);
  if (!target) return refused('refused', NOT_FETCHED);
  const circuit = circuitOf(platform);
  const { origin, href } = target.url;
  if (!circuit.admits(origin) || !circuit.admits(href)) return refused('resting', RESTING);
  const deadline = AbortSignal.timeout(request.timeoutMs);
  // Once connected, a failure is that of one address there: others at this origin are not to suffer for a slow page.
  let failing = origin;
  const connected = () => {
    failing = href;
  };
  try {
    const addresses = await within(deadline, addressesOf(target, resolve));
    const answer = await read(
      await send(target.url, addresses, request, deadline, connected),
      request.maxBytes,
    );
    circuit.forget(origin, href);
    return answer;
  } catch (error) {
    circuit.failed(failing);
    platform.log.debug({ origin, code: (error as NodeJS.ErrnoException).code }, 'an address did not answer');
    return refused('unreachable', UNREACHABLE);
  }
}

const NOT_FETCHED =
  'We fetch from https addresses alone, on port 443 or from 1024 up and without a user name, such as https://app.example.com/jwks.json.';
const UNREACHABLE =
  'Nothing was fetched from this address. It must answer in time, over https with a valid certificate, and be on the public internet.';
const RESTING = 'This address failed several times in a row. It is left alone for a minute; try again then.';
const REDIRECTED =
  'The address answers with a redirect, which is not followed. Give the address it leads to.';
const ENCODED = 'The address answers compressed although it was asked not to. It must send plain bytes.';
const TOO_LARGE = 'The address answers with more than is read from there.';

interface Target {
  readonly url: URL;
  /** The operator named this origin: any scheme and address will do. */
  readonly allowed: boolean;
}

/** Parsing makes one form of all spellings of an address (decimal, octal, short, full-width); the form is judged. */
function judgeUrl({ outboundAllow }: Config, raw: string): Target | undefined {
  const url = URL.parse(raw);
  if (!url || url.username || url.password) return undefined;
  if (outboundAllow.includes(url.origin)) return { url, allowed: true };
  const port = Number(url.port || 443);
  return url.protocol === 'https:' && (port === 443 || port >= 1024) ? { url, allowed: false } : undefined;
}

/** One forbidden address among several refuses them all: whoever controls the name controls the order. */
async function addressesOf({ url, allowed }: Target, resolve?: ResolveHost): Promise<readonly string[]> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const addresses = isIP(host) ? [host] : await (resolve ?? (allowed ? systemAddresses : dnsAddresses))(host);
  if (addresses.length === 0) throw new Error('the name has no address');
  if (!allowed && !addresses.every(isPublicAddress)) throw new Error('the address is not a public one');
  return addresses;
}

/** Asks DNS itself: no hosts file, no search domains, and a slow answer holds no thread of the pool. */
async function dnsAddresses(host: string): Promise<string[]> {
  const resolver = new Resolver({ timeout: 1_500, tries: 2 });
  const families = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  return families.flatMap((family) => (family.status === 'fulfilled' ? family.value : []));
}

async function systemAddresses(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** Resolves with the head of the answer. The connection is made to the judged addresses, whatever the name says by now. */
function send(
  url: URL,
  addresses: readonly string[],
  { method, headers, body }: OutboundRequest,
  signal: AbortSignal,
  connected: () => void,
): Promise<IncomingMessage> {
  const options = {
    method,
    signal,
    agent: false,
    lookup: pinnedTo(addresses),
    rejectUnauthorized: true,
    maxHeaderSize: 16_384,
    headers: { 'user-agent': 'Gatehouse', ...headers, 'accept-encoding': 'identity', connection: 'close' },
  } satisfies RequestOptions & { rejectUnauthorized: true };
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const sent: ClientRequest = secure ? https(url, options) : http(url, options);
    sent.once('socket', (socket) => socket.once(secure ? 'secureConnect' : 'connect', connected));
    const impatience = setTimeout(() => sent.destroy(new Error('no answer begun in time')), FIRST_BYTE_MS);
    sent.once('close', () => clearTimeout(impatience));
    sent.once('response', (response) => {
      clearTimeout(impatience);
      resolve(response);
    });
    sent.on('error', reject);
    sent.once('upgrade', (_response, socket) => {
      socket.destroy();
      reject(new Error('the answer is not HTTP'));
    });
    sent.end(body);
  });
}

const FIRST_BYTE_MS = 5_000;

function pinnedTo(addresses: readonly string[]): LookupFunction {
  const pinned = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, done) => {
    const [first = { address: '', family: 0 }] = pinned;
    if (options.all) done(null, pinned);
    else done(null, first.address, first.family);
  };
}

/** Throws where the connection ends early or the deadline passes. */
async function read(response: IncomingMessage, maxBytes: number): Promise<OutboundAnswer> {
  const { statusCode: status = 0, headers } = response;
  const problem = headProblem(status, headers, maxBytes);
  if (problem) {
    response.destroy();
    return problem;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) return refused('too-large', TOO_LARGE);
    chunks.push(chunk);
  }
  return { ok: true, status, headers, body: Buffer.concat(chunks) };
}

function headProblem(status: number, headers: IncomingMessage['headers'], maxBytes: number) {
  if (status >= 300 && status < 400) return refused('redirected', REDIRECTED);
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.trim().toLowerCase() !== 'identity') return refused('encoded', ENCODED);
  if (Number(headers['content-length'] ?? 0) > maxBytes) return refused('too-large', TOO_LARGE);
  return undefined;
}

async function within<T>(deadline: AbortSignal, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const expire = () => late.reject(deadline.reason);
  deadline.addEventListener('abort', expire, { once: true });
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    deadline.removeEventListener('abort', expire);
  }
}

const circuits = new WeakMap<Config, Circuit>();

/** One for each running installation, which its configuration stands for. */
function circuitOf({ config, clock }: Outbound): Circuit {
  const circuit = circuits.get(config) ?? openCircuit(clock);
  circuits.set(config, circuit);
  return circuit;
}
