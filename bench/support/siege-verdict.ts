import type { SignedIn, Way } from './besieged.ts';
import type { AttackReport } from './password-attack.ts';
import { percentile, short } from './statistics.ts';

export interface Siege {
  readonly attack: AttackReport;
  readonly people: readonly (SignedIn & { way: Way; error?: string })[];
  readonly noticed: { readonly after: number | undefined; readonly kind: string };
  readonly pairs: number;
  /** Seconds within which it must have been noticed. */
  readonly within: number;
}

const MOST_CONFIRMED = 0.001;
const REAL_SUCCESS = 0.999;

/** What was noticed, what was done, what it brought the attacker, and how real people fared. */
export function judgeAttack({ attack, people, noticed, pairs, within }: Siege) {
  const arrived = people.filter(({ ok }) => ok).length;
  const held = people.filter(({ way, waits }) => way !== 'new device' && waits > 0).length;
  const newDevices = people.filter(({ way }) => way === 'new device');
  const violations: string[] = [];
  const demand = (holds: boolean, otherwise: string) => {
    if (!holds) violations.push(otherwise);
  };
  demand(noticed.after !== undefined && noticed.after <= within, `noticed after ${noticed.after} s`);
  demand(attack.confirmed <= pairs * MOST_CONFIRMED, `${attack.confirmed} pairs confirmed`);
  demand(attack.taken === 0, `${attack.taken} accounts taken`);
  demand(arrived >= people.length * REAL_SUCCESS, `only ${arrived} of ${people.length} people got in`);
  demand(held === 0, `${held} people on known browsers or with passkeys had to wait`);
  demand(attack.other === 0, `${attack.other} other answers`);
  for (const { error } of people) if (error) process.stderr.write(`${error}\n`);
  const seen = {
    'noticed after, s': noticed.after === undefined ? 'never' : noticed.after.toFixed(1),
    as: noticed.kind,
    'attack, s': Math.round(attack.seconds),
    requests: attack.sent,
    'told to wait': attack.waits,
    'turned away, busy': attack.busy,
    'passwords looked at': attack.looked,
    'pairs confirmed': attack.confirmed,
    'accounts taken': attack.taken,
    'people in': `${arrived} of ${people.length}`,
    'known or passkey told to wait': held,
    'new device, s p50/max': `${secondsAt(newDevices, 0.5)} / ${secondsAt(newDevices, 1)}`,
    'known or passkey, s p99': secondsAt(
      people.filter(({ way }) => way !== 'new device'),
      0.99,
    ),
  };
  return { seen, violations };
}

export function secondsAt(people: readonly SignedIn[], share: number): string {
  return people.length === 0
    ? '–'
    : short(
        percentile(
          people.map(({ seconds }) => seconds),
          share,
        ),
      );
}
