/** One limit as a client by others reads it. */
export interface ToldLimit {
  readonly name: string;
  readonly parameters: Readonly<Record<string, number>>;
}

/**
 * A list of strings with integer parameters, by the letter of RFC 9651 §4.2 as far as the RateLimit fields use it: anything
 * that a strict parser would refuse is thrown.
 */
export function parseRateLimit(value: string | null): ToldLimit[] {
  const member = /^"([\x20-\x21\x23-\x5b\x5d-\x7e]+)"((?:; *[a-z*][a-z0-9_.*-]*=-?\d{1,15})*)$/;
  return String(value)
    .split(/[ \t]*,[ \t]*/)
    .map((text) => {
      const [, name, rest] = member.exec(text) ?? [];
      if (name === undefined || rest === undefined) throw new Error(`no structured field: ${text}`);
      const pairs = rest
        .split(';')
        .slice(1)
        .map((pair) => pair.trim().split('=') as [string, string]);
      return { name, parameters: Object.fromEntries(pairs.map(([key, number]) => [key, Number(number)])) };
    });
}

/** What every 429 must say, in ways that agree: who was refused by which limit, and for how long. */
export function refusalIn(headers: Pick<Headers, 'get'>) {
  const [policy] = parseRateLimit(headers.get('RateLimit-Policy'));
  const [left] = parseRateLimit(headers.get('RateLimit'));
  const retryAfter = headers.get('Retry-After') ?? '';
  if (!/^[1-9]\d*$/.test(retryAfter)) throw new Error(`no delay in seconds: ${retryAfter}`);
  return { policy, left, retryAfter: Number(retryAfter) };
}
