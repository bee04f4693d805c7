import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { besiege, comeAndGo } from '../support/besieged.ts';
import { conclude } from '../support/drill.ts';
import { anyAddress, type Pair, tryPairs, whenNoticed } from '../support/password-attack.ts';
import { judgeAttack } from '../support/siege-verdict.ts';

/**
 * Credential stuffing against two server processes: pairs of which one in a hundred is right, ten from each address, by
 * an attacker who comes back as often as he is told to within ten minutes. Meanwhile 500 people sign in,
 * on browsers they used before, with passkeys and on new devices.
 * `node bench/drills/stuffing.ts [--pairs N] [--people N] [--seconds N] [--json file]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      pairs: { type: 'string', default: '10000' },
      people: { type: 'string', default: '500' },
      seconds: { type: 'string', default: '120' },
      json: { type: 'string' },
    },
  });
  const [pairs, people, seconds] = [Number(values.pairs), Number(values.people), Number(values.seconds)];
  const began = performance.now();
  const ground = await besiege({ people, victims: Math.ceil(pairs / 100) });
  try {
    const list = listOf(pairs, ground.victims);
    const noticed = whenNoticed(ground, ['stuffing', 'spraying']);
    const real = { done: false };
    const coming = comeAndGo(ground.people, seconds).finally(() => {
      real.done = true;
    });
    const attack = await tryPairs(ground, list, { seconds, goesOn: () => !real.done });
    noticed.stop();
    const verdict = judgeAttack({ attack, people: await coming, noticed: noticed.seen, pairs, within: 60 });
    conclude({ name: 'stuffing', began, setting: { pairs, people }, ...verdict, json: values.json });
  } finally {
    await ground.close();
  }
}

const PAIRS_AN_ADDRESS = 10;
const ONE_IN = 100;

function listOf(count: number, victims: readonly { email: string; password: string }[]): Pair[] {
  const addresses = Array.from({ length: Math.ceil(count / PAIRS_AN_ADDRESS) }, anyAddress);
  const pairs = Array.from({ length: count }, (_, number) => {
    const victim = number % ONE_IN === 0 ? victims[number / ONE_IN] : undefined;
    const pair = victim ?? { email: `leaked-${number}@bench.example`, password: `leaked ${randomInt(1e9)}` };
    return { ...pair, address: String(addresses[number % addresses.length]) };
  });
  for (let at = pairs.length - 1; at > 0; at -= 1) {
    const other = randomInt(at + 1);
    [pairs[at], pairs[other]] = [pairs[other] as Pair, pairs[at] as Pair];
  }
  return pairs;
}

await main();
