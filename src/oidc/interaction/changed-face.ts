import type { LiveConsent } from '../../tokens/consents.ts';

/** Whether an app got another name, logo or redirect since its person last saw and allowed it. */
export function changedFace(
  presentedSince: string | null,
  consents: readonly Pick<LiveConsent, 'confirmedAt' | 'grantedAt'>[],
): boolean {
  if (presentedSince === null) return false;
  const since = new Date(presentedSince);
  return consents.some(({ confirmedAt, grantedAt }) => (confirmedAt ?? grantedAt) < since);
}
