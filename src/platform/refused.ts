/** An expected refusal of a rule: `reason` names what to correct, `sentence` says it to the person as it stands. */
export interface Refused<Reason extends string> {
  readonly ok: false;
  readonly reason: Reason;
  readonly sentence: string;
}

export function refused<Reason extends string>(reason: Reason, sentence: string): Refused<Reason> {
  return { ok: false, reason, sentence };
}
