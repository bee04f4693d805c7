/** What a rule answers to a member whose second factor was replaced within a week (actsFrozen). */
export const FROZEN =
  'The second factor of this account was replaced a few days ago: until a week has passed it can change no app, API, host, secret, address or ownership.';
