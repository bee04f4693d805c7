import type { Actor } from '../audit/actor.ts';
import type { Platform } from '../platform/platform.ts';
import type { Refused } from '../platform/refused.ts';
import { type CliContext, CommandFault } from './context.ts';

interface Accepted {
  readonly ok: true;
}

/**
 * Opens the platform, carries out one rule as the operator and answers what it did; a refusal ends the command with
 * its sentence and exit code 1.
 */
export async function carryOut<Input, Outcome extends Accepted | Refused<string>>(
  cli: CliContext,
  rule: (platform: Platform, actor: Actor, input: Input) => Promise<Outcome>,
  input: NoInfer<Input>,
): Promise<Extract<Outcome, Accepted>> {
  const outcome = await cli.withPlatform((platform) => rule(platform, cli.actor, input));
  if (outcome.ok) return outcome as Extract<Outcome, Accepted>;
  throw new CommandFault(outcome.sentence);
}
