import { parseArgs } from 'node:util';
import { besiege, comeAndGo } from '../support/besieged.ts';
import { conclude } from '../support/drill.ts';
import { anyAddress, type Pair, tryPairs, whenNoticed } from '../support/password-attack.ts';
import { judgeAttack } from '../support/siege-verdict.ts';

/**
 * Spraying against two server processes: one password at 5,000 accounts, each from an address of its own and a few a
 * second, so that no account and no address ever fails twice. One in a hundred has that password. Meanwhile people sign
 * in. `node bench/drills/spraying.ts [--accounts N] [--people N] [--seconds N] [--json file]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      accounts: { type: 'string', default: '5000' },
      people: { type: 'string', default: '100' },
      seconds: { type: 'string', default: '120' },
      json: { type: 'string' },
    },
  });
  const [accounts, people, seconds] = [
    Number(values.accounts),
    Number(values.people),
    Number(values.seconds),
  ];
  const victims = Math.ceil(accounts / ONE_IN);
  const began = performance.now();
  const ground = await besiege({ people, victims, sharing: victims });
  try {
    const noticed = whenNoticed(ground, ['stuffing', 'spraying', 'second-factor-guessing']);
    const real = { done: false };
    const coming = comeAndGo(ground.people, seconds).finally(() => {
      real.done = true;
    });
    const list = listOf(accounts, ground.victims);
    const attack = await tryPairs(ground, list, { seconds, goesOn: () => !real.done });
    noticed.stop();
    const verdict = judgeAttack({
      ...{ attack, people: await coming, noticed: noticed.seen },
      ...{ pairs: accounts, within: 120 },
    });
    conclude({ name: 'spraying', began, setting: { accounts, people }, ...verdict, json: values.json });
  } finally {
    await ground.close();
  }
}

const ONE_IN = 100;

function listOf(accounts: number, victims: readonly { email: string; password: string }[]): Pair[] {
  const [first] = victims;
  if (!first) throw new Error('nobody has the password');
  return Array.from({ length: accounts }, (_, number) => {
    const victim = number % ONE_IN === 0 ? victims[number / ONE_IN] : undefined;
    const email = victim?.email ?? `sprayed-${number}@bench.example`;
    return { email, password: first.password, address: anyAddress() };
  });
}

await main();
