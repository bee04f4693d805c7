import { randomBytes } from 'node:crypto';
import { keyedDigest } from '../../platform/crypto/secrets.ts';

/** Counts at how many accounts one password was tried. Holds nothing from which a password could be found. */
export interface PasswordPrefixes {
  /** How much larger, with this try, the largest number of accounts became at which one password was tried. */
  note(password: string, account: string, now: Date): number;
  /** At how many other accounts a password was tried lately that looks like this one; 0 while that may be chance. */
  others(password: string, account: string): number;
}

const WINDOW = 10 * 60_000;
const DAY = 86_400_000;
/** 65,536 heaps: few enough that thousands of passwords share each, enough that chance piles nothing up. */
const BYTES = 2;
/** Up to here it is chance: people do choose the same passwords. */
const BY_CHANCE = 3;
/** From here on it is not. */
const SPRAYED = 10;
const MOST_ACCOUNTS = 200;
const MOST_KEPT = 200_000;

/**
 * Two bytes of a digest under a key that this process made up and forgets within a day, in memory for ten to twenty
 * minutes, neither written nor logged: worth nothing to whoever reads the memory later, and enough to see spraying.
 */
export function watchPasswords(): PasswordPrefixes {
  let key = randomBytes(32);
  let [keySince, since] = [0, 0];
  let largest = BY_CHANCE;
  let kept = 0;
  let [accounts, before] = [new Map<number, Set<string>>(), new Map<number, Set<string>>()];

  const turn = (now: number) => {
    if (now - keySince >= DAY) {
      key = randomBytes(32);
      keySince = now;
      [accounts, before] = [new Map(), new Map()];
    }
    if (now - since >= WINDOW || kept >= MOST_KEPT) {
      [before, accounts] = [now - since >= 2 * WINDOW ? new Map() : accounts, new Map()];
      [since, largest, kept] = [now, BY_CHANCE, 0];
    }
  };

  const prefixOf = (password: string) => keyedDigest(key, password).readUIntBE(0, BYTES);

  return {
    others(password, account) {
      const prefix = prefixOf(password);
      const heaps = [accounts.get(prefix), before.get(prefix)];
      const others = heaps.reduce((sum, heap) => sum + (heap?.size ?? 0) - (heap?.has(account) ? 1 : 0), 0);
      return others < SPRAYED ? 0 : others;
    },
    note(password, account, at) {
      turn(at.getTime());
      const prefix = prefixOf(password);
      const tried = accounts.get(prefix) ?? new Set();
      const earlier = before.get(prefix);
      if (tried.size >= MOST_ACCOUNTS || tried.has(account) || earlier?.has(account)) return 0;
      accounts.set(prefix, tried.add(account));
      kept += 1;
      const total = tried.size + (earlier?.size ?? 0);
      const growth = Math.max(0, total - largest);
      largest += growth;
      return growth;
    },
  };
}
