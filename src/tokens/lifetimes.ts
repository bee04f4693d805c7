const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long what the protocol issues lives, in seconds. The one table: accounts/ and oidc/ read it. */
export const LIFETIMES = {
  authorizationCode: MINUTE,
  pushedRequest: MINUTE,
  accessToken: 10 * MINUTE,
  idToken: 10 * MINUTE,
  interaction: 30 * MINUTE,
  session: { idleSeconds: DAY, absoluteSeconds: 30 * DAY },
  refreshToken: { idleSeconds: 30 * DAY, absoluteSeconds: 365 * DAY },
  /** A grant outlives every refresh token it carries, the one of the last day of its browser session too. */
  grant: (365 + 30 + 1) * DAY,
  /** How long a rotated refresh token may be presented again while its successor is unused (decision 6). */
  refreshRepeat: MINUTE,
  /** A retired signing key stays published this long: longer than any token it signed, so that hints still verify. */
  retiredSigningKey: 30 * DAY,
  /** Rows stay readable a little past their expiry, for clocks that disagree and for better error messages. */
  clockTolerance: 15,
} as const;
