import { isLoopbackHost } from '../../platform/loopback.ts';
import { type AppType, runsOnDevice, signsPeopleIn } from './app-types.ts';

/** Where a browser may be sent after sign-in or sign-out. Compared later as exact strings, so odd spellings stay out. */
export type RedirectVerdict = { readonly ok: true } | { readonly ok: false; readonly sentence: string };

export interface RedirectRules {
  /** The issuer is a loopback address, or the app is in development: web apps may use one too. */
  readonly loopback: boolean;
}

export const MOST_REDIRECT_URIS = 50;
const LONGEST = 2000;
const HOST_NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const IPV6 = /^\[[0-9a-f:.]+\]$/;
const URI_CHARACTERS = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/;
const PRIVATE_SCHEME = /^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+:$/;
/** `..`, `/`, `\` and `%` in disguise; some server or proxy on the way would undress them. */
const DISGUISED_PATH = /%(?:2e|2f|5c|25)|;/i;
const CONTROL_ESCAPE = /%(?:[01][0-9a-f]|7f)/i;
const BROKEN_ESCAPE = /%(?![0-9a-f]{2})/i;
/** Names of the protocol's own answer; a registered one would be read in its place (C02). */
const ANSWER_NAMES = new Set([
  'code',
  'state',
  'iss',
  'error',
  'error_description',
  'error_uri',
  'id_token',
  'access_token',
  'token_type',
  'expires_in',
  'session_state',
  'response',
]);

export type JudgedUris =
  | { readonly ok: true; readonly redirectUris: string[]; readonly postLogoutRedirectUris: string[] }
  | { readonly ok: false; readonly sentence: string };

/** All that an app registers, each once, or what is wrong with the first that cannot be. */
export function judgeRedirectUris(
  asked: {
    readonly redirectUris?: readonly string[];
    readonly postLogoutRedirectUris?: readonly string[];
  },
  type: AppType,
  rules: RedirectRules,
): JudgedUris {
  const redirectUris = [...new Set(asked.redirectUris)];
  const postLogoutRedirectUris = [...new Set(asked.postLogoutRedirectUris)];
  if (redirectUris.length === 0 && signsPeopleIn(type)) {
    return { ok: false, sentence: 'An app that signs people in needs at least one redirect URI.' };
  }
  if (redirectUris.length > MOST_REDIRECT_URIS || postLogoutRedirectUris.length > MOST_REDIRECT_URIS) {
    const sentence = `An app can register at most ${MOST_REDIRECT_URIS} redirect URIs of each sort.`;
    return { ok: false, sentence };
  }
  for (const uri of [...redirectUris, ...postLogoutRedirectUris]) {
    const verdict = judgeRedirectUri(uri, type, rules);
    if (!verdict.ok) return verdict;
  }
  return { ok: true, redirectUris, postLogoutRedirectUris };
}

/** Whether an app of this type may register the URI (RFC 8252 §7, RFC 9700 §2.1, OAuth 2.1 §2.3.1). */
export function judgeRedirectUri(uri: string, type: AppType, rules: RedirectRules): RedirectVerdict {
  const fault = spellingFault(uri) ?? destinationFault(new URL(uri), uri, type, rules);
  return fault === undefined ? { ok: true } : { ok: false, sentence: `${shown(uri)} ${fault}` };
}

function spellingFault(uri: string): string | undefined {
  if (uri.length > LONGEST) return `is longer than ${LONGEST} characters.`;
  if (!URI_CHARACTERS.test(uri)) {
    return 'contains spaces, control characters, backslashes or letters outside ASCII. Write international names in punycode and escape the rest.';
  }
  if (BROKEN_ESCAPE.test(uri) || CONTROL_ESCAPE.test(uri)) {
    return 'contains a broken or dangerous percent escape.';
  }
  if (uri.includes('#')) return 'has a fragment. Remove the # and what follows it.';
  if (uri.includes('*')) return 'has a wildcard. Register each address in full.';
  return URL.canParse(uri)
    ? undefined
    : 'is not an absolute URI. Write it in full, such as https://app.example.com/callback.';
}

function destinationFault(url: URL, uri: string, type: AppType, rules: RedirectRules): string | undefined {
  if (!signsPeopleIn(type)) return 'is of no use: a machine app signs nobody in. Leave redirect URIs out.';
  const webAddress = url.protocol === 'https:' || url.protocol === 'http:';
  return (
    (webAddress ? webAddressFault(url, type, rules) : privateSchemeFault(url, type)) ??
    unusualSpelling(url, uri) ??
    queryFault(url)
  );
}

function webAddressFault(url: URL, type: AppType, rules: RedirectRules): string | undefined {
  const loopback = isLoopbackHost(url.hostname);
  if (url.protocol === 'http:' && !loopback)
    return 'must use https, such as https://app.example.com/callback.';
  if (url.protocol === 'http:' && !runsOnDevice(type) && !rules.loopback) {
    return "points at the visitor's own machine, which only apps that run there may do. Use https.";
  }
  if (type === 'cli' && !loopback) {
    return 'is not on the loopback address. A command line app listens there, such as http://127.0.0.1/callback.';
  }
  if (url.protocol === 'https:' && loopback && runsOnDevice(type)) {
    return "must use http, because no certificate can name the visitor's own machine.";
  }
  if (!HOST_NAME.test(url.hostname) && !IPV6.test(url.hostname)) return 'has a host name that is not valid.';
  return url.port === '0' ? 'has a port that is not valid.' : undefined;
}

function privateSchemeFault(url: URL, type: AppType): string | undefined {
  if (type === 'cli')
    return 'must be an http address on the loopback interface, such as http://127.0.0.1/callback.';
  if (type === 'agent') return 'must use https, or http on a loopback address.';
  if (type !== 'native') return 'must use https, such as https://app.example.com/callback.';
  if (!PRIVATE_SCHEME.test(url.protocol)) {
    return 'must use https, http on a loopback address, or a scheme of your own with a dot in it, such as com.example.app:/callback.';
  }
  if (!url.pathname.startsWith('/') && url.host === '') {
    return 'needs a slash after its scheme, such as com.example.app:/callback.';
  }
  return url.host !== '' && !HOST_NAME.test(url.host) ? 'has a host name that is not valid.' : undefined;
}

/** Whatever the parser would rewrite (case, default port, dot segments, numeric hosts) is refused, not repaired. */
function unusualSpelling(url: URL, uri: string): string | undefined {
  if (url.username !== '' || url.password !== '') {
    return 'names a user before the host. Remove everything up to the @.';
  }
  if (uri !== url.href && `${uri}/` !== url.href) {
    return `is spelled in an unusual way. Write it as ${url.href}.`;
  }
  return DISGUISED_PATH.test(url.pathname)
    ? 'has semicolons or escaped dots, slashes or percent signs in its path. Use a plain path.'
    : undefined;
}

function queryFault(url: URL): string | undefined {
  for (const pair of url.search.slice(1).split(/[&;]/)) {
    const name = [...new URLSearchParams(pair).keys()][0]?.trim().toLowerCase();
    if (name !== undefined && ANSWER_NAMES.has(name)) {
      return `has ${name} in its query, a name that the answer itself uses. Choose another one.`;
    }
  }
  return undefined;
}

/** The URI as it may be repeated in a sentence: printable ASCII, not too long. */
function shown(uri: string): string {
  const printable = uri.replace(/[^\x21-\x7e]/g, '?');
  return printable === ''
    ? 'An empty redirect URI'
    : printable.length > 100
      ? `${printable.slice(0, 97)}...`
      : printable;
}
