import type { RuleName } from './rules.ts';

/** Keys of what the owners of a paused app are told: what happened, and what to fix. */
export function wordsOf(rule: RuleName) {
  return { cause: `rules.${rule}-cause`, fix: `rules.${rule}-fix` } as const;
}
