import { type KoaContextWithOIDC, errors, interactionPolicy } from 'oidc-provider';
import { ACR_VALUES, type Acr, reaches, strengthFor } from '../../accounts/sign-in/strength.ts';
import type { Platform } from '../../platform/platform.ts';
import { currentScope } from '../request-scope.ts';

const { Check } = interactionPolicy;

/** The check of policy.ts that asks for a stronger sign-in; what it cannot get is this error (RFC 9470 §5). */
export const STEP_UP = 'acr_values';
export const UNMET = 'unmet_authentication_requirements';

/**
 * The strength that `acr_values` demands. Any of its values will do, so the weakest decides, and a stronger one always
 * does. Undefined where nothing is demanded that we know.
 */
export function wantedAcr(acrValues: unknown): Acr | undefined {
  const values = valuesIn(acrValues);
  return ACR_VALUES.find((acr) => values.includes(acr));
}

function valuesIn(acrValues: unknown): string[] {
  return typeof acrValues === 'string' ? acrValues.split(' ').filter((value) => value !== '') : [];
}

/** No sign-in here could ever satisfy a request for strengths that we do not know. */
export function refuseUnknownAcr({ oidc: { params } }: KoaContextWithOIDC): void {
  if (valuesIn(params?.acr_values).length === 0 || wantedAcr(params?.acr_values)) return;
  throw new errors.UnmetAuthenticationRequirements(`acr_values must name one of ${ACR_VALUES.join(', ')}`);
}

/** Shows the engine how strongly the person signed in, as the client of this request may know it. */
export function showStrength({ clock }: Platform, { oidc: { session, client } }: KoaContextWithOIDC): void {
  const { browserSession } = currentScope();
  if (!browserSession || !session || !client) return;
  const { acr, amr } = strengthFor(browserSession, client.clientId, clock.now());
  session.acr = acr;
  session.amr = [...amr];
}

/** Judged on every turn, like max_age. Whoever is not signed in at all is asked for that first. */
export function strongEnough() {
  return new Check(
    STEP_UP,
    'the sign-in is not as strong as the request demands',
    UNMET,
    ({ oidc: { params, session } }) => {
      const wanted = wantedAcr(params?.acr_values);
      if (!wanted || !session?.accountId) return Check.NO_NEED_TO_PROMPT;
      return !reaches(session.acr as Acr, wanted);
    },
  );
}
