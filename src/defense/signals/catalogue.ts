/** On whom a signal is noted. An access is a client at an API; an address and its network are kept as keyed digests. */
export type SubjectKind = 'client' | 'access' | 'grant' | 'account' | 'api' | 'address' | 'network';

/** How a signal is said and measured. */
interface SignalKind {
  /** What happened, in words; also the help of its metric. */
  readonly words: string;
  /** What is told apart where distinct others are counted: people, networks, scopes, tokens, grants. */
  readonly members?: string;
}

/**
 * Everything that is counted about a subject, by its stable name: the vocabulary of the watch. Each raises the counter
 * `gatehouse_signals_total{signal="<name>"}`. What merely names a client or an account is noted for the address and
 * network that named it; only what the caller proved is noted for the client, grant or account.
 */
export const SIGNALS = {
  calls: { words: 'Calls of a client that proved who it is, and uses of its tokens' },
  'token-calls': { words: 'Calls of the token endpoint by a client with its own secret or key' },
  'tokens-issued': { words: 'Tokens issued to a client' },
  'jwts-issued': { words: 'Access tokens issued to a client at an API as JWT, which nothing takes back' },
  'failed-authentication': {
    words: 'Wrong secrets, keys or assertions of clients',
    members: 'clients named',
  },
  'invalid-grant': { words: 'Refresh tokens that are not valid' },
  'invalid-code': { words: 'Authorization codes that are not valid' },
  'code-replay': {
    words: 'Authorization codes presented a second time',
    members: 'grants; of an account, owners of apps',
  },
  'refresh-reuse': {
    words: 'Refresh tokens presented again after their successor was used',
    members: 'grants; of an account, owners of apps',
  },
  'proof-replay': { words: 'Signed proofs and assertions presented a second time' },
  'redirect-mismatch': { words: 'Redirect URIs that are not registered', members: 'redirect URIs' },
  'code-mismatch': { words: 'Codes presented with another redirect URI than they were asked for with' },
  'scope-refused': { words: 'Scopes and APIs asked for without access to them', members: 'scopes' },
  'foreign-introspection': { words: 'Tokens of others that a caller asked about', members: 'tokens' },
  'unknown-token': { words: 'Tokens asked about that do not exist', members: 'tokens' },
  introspections: { words: 'Tokens asked about by a client or API' },
  'people-reached': { words: 'People a client reached at an API', members: 'people' },
  'rate-refused': { words: 'Calls refused because of a rate that was used up' },
  'cap-refused': { words: 'People refused because of a cap on distinct people a day', members: 'people' },
  'route-refused': {
    words: 'Calls at a gateway that need scopes beyond what the access allows',
    members: 'scopes',
  },
  'route-unlisted': {
    words: 'Calls at a gateway by methods and paths that the API does not list',
    members: 'places where they leave what is listed',
  },
  'account-misuse': { words: 'Misuse of tokens that people gave a client', members: 'accounts' },
  'network-misuse': { words: 'Networks from which such tokens were misused', members: 'networks' },
  'consent-denied': { words: 'People who said no to a client', members: 'people' },
  'abuse-reported': { words: 'Tokens of a client that an API reported', members: 'grants' },
  'sign-in-failed': { words: 'Failed sign-ins', members: 'accounts named' },
  'second-factor-failed': { words: 'Right passwords followed by a wrong second factor', members: 'accounts' },
  'limit-refused': { words: 'Requests refused because of a limit' },
} as const satisfies Readonly<Record<string, SignalKind>>;

export type SignalName = keyof typeof SIGNALS;
