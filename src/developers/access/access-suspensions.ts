import { effectOf } from '../../defense/suspensions/ladder.ts';
import type { AccessInputs, SuspensionInTheWay } from './access-inputs.ts';

type Suspended = Pick<AccessInputs, 'api' | 'suspensions'>;

/** Why an app may do nothing at an API for now, in a sentence that says until when; undefined where nothing stops it. */
export function suspensionOfAll(
  inputs: Suspended,
  now: Date,
): { reason: 'client-suspended' | 'access-suspended'; sentence: string } | undefined {
  const stop = longestStop(inputs, now, ({ kind }) => kind !== 'access-writes');
  if (!stop) return undefined;
  const { identifier } = inputs.api;
  const until = endOf(stop, now);
  switch (stop.kind) {
    case 'client':
      return { reason: 'client-suspended', sentence: `This app is paused ${until}. ${WHERE_TO_LOOK}` };
    case 'api':
      return { reason: 'access-suspended', sentence: `${identifier} is paused ${until}. Ask its owner.` };
    case 'organization':
      return {
        reason: 'access-suspended',
        sentence: `The organization of this app or of ${identifier} is paused ${until}. Ask the operator of this service.`,
      };
    default:
      return {
        reason: 'access-suspended',
        sentence: `This app is paused at ${identifier} ${until}. ${WHERE_TO_LOOK}`,
      };
  }
}

/** Why an app may only read at an API for now. */
export function suspensionOfWrites(inputs: Suspended, now: Date): string | undefined {
  const stop = longestStop(inputs, now, ({ kind }) => kind === 'access-writes');
  const { identifier } = inputs.api;
  return stop && `This app may only read at ${identifier} ${endOf(stop, now)}. ${WHERE_TO_LOOK}`;
}

/** What the suspensions that slow or probe leave of the usual rate, for all calls and for those that change something. */
export function sharesOf({ suspensions }: Suspended, now: Date): { share: number; writeShare: number } {
  const smallest = (some: readonly SuspensionInTheWay[]) =>
    Math.min(1, ...some.map((suspension) => effectOf(suspension, now).share));
  return {
    share: smallest(suspensions.filter(({ kind }) => kind !== 'access-writes')),
    writeShare: smallest(suspensions),
  };
}

const WHERE_TO_LOOK = "The app's page Suspensions in the portal says why and what to fix.";

function longestStop(
  { suspensions }: Suspended,
  now: Date,
  covers: (suspension: SuspensionInTheWay) => boolean,
): SuspensionInTheWay | undefined {
  const end = ({ pausedUntil }: SuspensionInTheWay) => pausedUntil?.getTime() ?? Number.POSITIVE_INFINITY;
  const [longest] = suspensions
    .filter((suspension) => covers(suspension) && effectOf(suspension, now).share === 0)
    .sort((a, b) => end(b) - end(a));
  return longest;
}

function endOf(suspension: SuspensionInTheWay, now: Date): string {
  const { until } = effectOf(suspension, now);
  return until ? `until ${until.toISOString()}` : 'until an operator of this service has looked at it';
}
