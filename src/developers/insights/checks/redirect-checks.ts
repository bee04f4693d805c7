import { isLoopbackHost } from '../../../platform/loopback.ts';
import { bestPractice, type Check, OURS, whereAny } from './check.ts';

/** What the checks of redirect URIs look at. */
export interface RedirectFacts {
  readonly type: string;
  readonly redirectUris: readonly string[];
  readonly homepageUri: string | null;
}

const onDevices = ({ type }: RedirectFacts) => type === 'native' || type === 'cli' || type === 'agent';

const nativeApps = (section: string) => ({
  name: `RFC 8252 §${section}`,
  href: `https://www.rfc-editor.org/rfc/rfc8252.html#section-${section}`,
});

/** Where an app lets the answers of people's sign-ins go. */
export const REDIRECT_CHECKS = [
  {
    id: 'redirect-not-https',
    kind: 'problem',
    source: bestPractice('2.6'),
    judge: (facts) =>
      whereAny(
        onDevices(facts) ? [] : hostsOver(facts, ({ protocol }) => protocol === 'http:'),
        'redirect-uris',
      ),
  },
  {
    id: 'redirect-localhost',
    kind: 'advice',
    source: nativeApps('8.3'),
    judge: (facts) =>
      whereAny(
        onDevices(facts) ? hostsOver(facts, ({ hostname }) => hostname === 'localhost') : [],
        'redirect-uris',
      ),
  },
  {
    id: 'redirect-private-scheme',
    kind: 'advice',
    source: nativeApps('7.2'),
    judge: (facts) =>
      whereAny(
        hostsOver(facts, ({ protocol }) => !/^https?:$/.test(protocol)),
        'redirect-uris',
      ),
  },
  {
    id: 'redirect-other-host',
    kind: 'advice',
    source: OURS,
    judge: (facts) => {
      const home =
        facts.homepageUri && URL.canParse(facts.homepageUri) ? new URL(facts.homepageUri).hostname : '';
      const elsewhere = ({ protocol, hostname }: URL) =>
        protocol === 'https:' && !isLoopbackHost(hostname) && !related(hostname, home);
      return whereAny(home === '' ? [] : hostsOver(facts, elsewhere), 'redirect-uris');
    },
  },
  {
    id: 'redirect-many',
    kind: 'advice',
    source: bestPractice('2.1'),
    judge: ({ redirectUris: { length: count } }) =>
      count > 10 ? { page: 'redirect-uris', values: { count } } : undefined,
  },
] as const satisfies readonly Check<string, RedirectFacts>[];

/** The redirect URIs, each once, of which this is true. */
function hostsOver({ redirectUris }: RedirectFacts, isTrue: (url: URL) => boolean): string[] {
  return redirectUris.filter((uri) => URL.canParse(uri) && isTrue(new URL(uri)));
}

/** One is the other, or lies below it, or both lie below the same name of at least two parts. */
function related(host: string, home: string): boolean {
  const shared = home.replace(/^www\./, '');
  return host === shared || host.endsWith(`.${shared}`) || shared.endsWith(`.${host}`);
}
