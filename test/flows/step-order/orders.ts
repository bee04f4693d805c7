import { expect } from 'vitest';
import { type Actor, BROWSERS, type BrowserName, NAMES, type PersonName, type Scene } from './scene.ts';
import type { Person } from '../../support/people.ts';

/** One step of a flow. It is sent blindly, whatever came before it, with the data that belong to `whose`. */
export interface Step {
  readonly name: string;
  /** It says nothing about whose account it is for: what its browser did before decides. */
  readonly namesNobody?: true;
  act(scene: Scene, by: Actor, whose: Person): Promise<unknown>;
}

/** A way to change how an account is entered. Its last step changes something, if all before it were taken. */
export interface Flow {
  readonly name: string;
  /** What the browsers hold when a case begins: A of Anna, B of Ben. */
  readonly session: 'none' | 'half' | 'whole';
  readonly steps: readonly Step[];
  /** Accounts without an authenticator. */
  readonly withoutFactor?: true;
  /** What has to stand before a case begins. */
  arrange?(scene: Scene): Promise<void>;
  /** What must not change without the flow; an account's credentials unless told otherwise. */
  watch?(scene: Scene, person: Person): Promise<unknown>;
}

/** One move of a case: a step, in a browser, with somebody's data. */
interface Move {
  readonly step: number;
  readonly browser: BrowserName;
  readonly whose: PersonName;
}

const OWNER: Readonly<Record<BrowserName, PersonName>> = { A: 'Anna', B: 'Ben' };

/**
 * Drives every order of the steps over two browsers and two people, and looks after each move: nothing of an account
 * may have changed, except by the last step, where this very browser took all others before it, in order, for that
 * account. Answers how often something changed, so that a flow that never works is found too.
 */
export async function driveAllOrders(scene: Scene, flow: Flow): Promise<{ cases: number; changes: number }> {
  const cases = allCases(flow.steps.length);
  let changes = 0;
  let used = true;
  for (const moves of cases) {
    if (used) await scene.replacePeople({ totp: !flow.withoutFactor });
    used = false;
    await scene.openBrowsers(flow.session);
    await flow.arrange?.(scene);
    for (const [index, move] of moves.entries()) {
      const changed = await changedBy(scene, flow, move);
      if (changed.length === 0) continue;
      used = true;
      changes += 1;
      expect(changed, inWords(flow, moves)).toEqual(provenFor(flow, moves.slice(0, index + 1)));
    }
  }
  return { cases: cases.length, changes };
}

async function changedBy(scene: Scene, flow: Flow, { step, browser, whose }: Move): Promise<PersonName[]> {
  const watch = flow.watch ?? ((_scene, person) => scene.credentialsOf(person));
  const look = () => Promise.all(NAMES.map((name) => watch(scene, scene.person(name))));
  const before = await look();
  await flow.steps[step]?.act(scene, scene.browser(browser), scene.person(whose));
  const after = await look();
  return NAMES.filter((_, index) => before[index] !== after[index]);
}

/**
 * Whose account the last move may change: it is the last step, and its browser took all steps before it, in order, with
 * the data of one person. Where the browser is signed in, the account is that of its session.
 */
function provenFor({ steps, session }: Flow, moves: readonly Move[]): PersonName[] {
  const last = moves.at(-1);
  if (!last || last.step !== steps.length - 1) return [];
  const mine = moves.filter(({ browser }) => browser === last.browser);
  const proven = NAMES.filter((name) => {
    const taken = mine.filter(({ whose, step }) => whose === name || steps[step]?.namesNobody);
    return taken.map(({ step }) => step).join() === steps.map((_, index) => index).join();
  });
  return session === 'none' ? proven : proven.map(() => OWNER[last.browser]);
}

function inWords({ steps }: Flow, moves: readonly Move[]): string {
  return moves.map(({ step, browser, whose }) => `${browser}: ${steps[step]?.name} (${whose})`).join(' → ');
}

/** Browser A begins: with B first it would be the same case with all names swapped. */
function allCases(steps: number): Move[][] {
  const orders = permutations(Array.from({ length: steps }, (_, index) => index));
  const hands = BROWSERS.flatMap((browser) => NAMES.map((whose) => ({ browser, whose })));
  return orders.flatMap((order) =>
    order
      .reduce<Move[][]>(
        (cases, step) => cases.flatMap((moves) => hands.map((hand) => [...moves, { step, ...hand }])),
        [[]],
      )
      .filter(([first]) => first?.browser === 'A'),
  );
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}
