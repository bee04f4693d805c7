import { LAST_LEVEL, pauseSeconds } from '../../defense/suspensions/ladder.ts';
import type { ShownSuspension } from './suspension-words.ts';

/** One rung of the ladder that rules climb. */
export interface Rung {
  readonly state: 'observe' | 'slow' | 'pause' | 'probe' | 'human';
  readonly here: boolean;
  /** Minutes of this pause, or of the one that would come next. */
  readonly minutes?: number;
}

const RUNGS = ['observe', 'slow', 'pause', 'probe', 'human'] as const;

/** Where a suspension stands; undefined where an operator began it, which climbs nothing. */
export function ladderOf({ rule, level, effect }: ShownSuspension): readonly Rung[] | undefined {
  if (rule === 'operator') return undefined;
  const pauses = effect.state === 'pause' ? level : Math.min(level + 1, LAST_LEVEL);
  return RUNGS.map((state) => ({
    state,
    here: effect.state === state,
    ...(state === 'pause' && { minutes: pauseSeconds(Math.max(pauses, 1)) / 60 }),
  }));
}
