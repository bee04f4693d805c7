/** Seconds that every browser waits that is not known, while passwords are being tried in masses. */
export const FIRST_WAIT = 20;

/** Without a campaign a network may fail at so many addresses of accounts before it must wait. */
export const USUAL_OTHERS = 30;

const NEXT_WAIT = 300;
const LONGEST_WAIT = 4 * 3600;

/**
 * Seconds until a stranger's password is looked at. `others` is at how many other accounts the same network, or
 * the same password, failed or waits. Who comes alone waits little; a network that tries one account after the other
 * waits twice as long for each.
 */
export function strangersWait({ campaign, others }: { campaign: boolean; others: number }): number {
  const free = campaign ? 1 : USUAL_OTHERS;
  if (others < free) return campaign ? FIRST_WAIT : 0;
  return Math.min(LONGEST_WAIT, NEXT_WAIT * 2 ** Math.min(20, others - free));
}
