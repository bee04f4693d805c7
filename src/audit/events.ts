/** Every action that is recorded, by its stable name: noun first, then what happened to it. */
export const AUDIT_ACTIONS = [
  'account.created',
  'account.address-verified',
  'account.signed-up',
  'sign-up.requested',
  'mail-code.sent',
  'mail-code.failed',
  'browser-session.started',
  'browser-session.completed',
  'browser-session.ended',
  'sign-in.failed',
  'sign-in.new-browser',
  'second-factor.failed',
  'totp-device.offered',
  'totp-device.added',
  'password.rehashed',
  'password.changed',
  'password-reset.requested',
  'password-reset.completed',
  'totp-device.renamed',
  'totp-device.removed',
  'passkey.added',
  'passkey.renamed',
  'passkey.removed',
  'recovery-codes.made',
  'recovery-code.used',
  'trusted-browser.added',
  'trusted-browser.removed',
  'trusted-browser.voided',
  'factor-reset.requested',
  'factor-reset.cancelled',
  'factor-reset.completed',
  'email-change.requested',
  'email-change.confirmed',
  'email-change.undone',
  'account.renamed',
  'account.language-chosen',
  'account.reported',
  'account.downloaded',
  'account.closing-requested',
  'account.closing-cancelled',
  'account.closed',
  'obligation.changed',
  'sign-up-pass.created',
  'sign-up-pass.used',
  'setting.changed',
  'organization.created',
  'organization.renamed',
  'organization.transferred',
  'organization.deleted',
  'invitation.sent',
  'invitation.withdrawn',
  'invitation.accepted',
  'invitation.declined',
  'member.added',
  'member.role-changed',
  'member.removed',
  'host.claimed',
  'host.proven',
  'host.removed',
  'trust-domain.created',
  'trust-domain.changed',
  'trust-domain.joined',
  'trust-domain.left',
  'client.created',
  'client.changed',
  'client.suspended',
  'client.resumed',
  'client.deleted',
  'client.went-live',
  'client.verified',
  'client.verification-lost',
  'client-review.asked',
  'client-review.decided',
  'client-tester.added',
  'client-tester.removed',
  'client-secret.issued',
  'client-secret.rotated',
  'client-secret.ended',
  'client-secret.reported',
  'client-key.added',
  'client-key.ended',
  'token.reported',
  'api.created',
  'api.changed',
  'api.approved',
  'api.deleted',
  'api-terms.published',
  'api-terms.accepted',
  'api-reference.uploaded',
  'api-opening.made',
  'api-opening.ended',
  'scope.changed',
  'scope.removed',
  'access.granted',
  'access.changed',
  'access.ended',
  'access-request.made',
  'access-request.decided',
  'access-request.withdrawn',
  'access-code.made',
  'access-code.ended',
  'access-code.redeemed',
  'consent.given',
  'consent.changed',
  'consent.withdrawn',
  'personal-token.created',
  'personal-token.revoked',
  'grant.revoked',
  'grant.reuse-detected',
  'grant.reuse-told',
  'signing-keys.rotated',
  'database.migrated',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** What an action was done to. */
export interface AuditTarget {
  readonly kind: string;
  readonly id?: string | null;
}

/** Plain facts in words and ids. Never a handle, code, password, seed or address of a person. */
export type AuditDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** One entry, complete, with the digest that later proves it was not changed. */
export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly action: AuditAction;
  readonly targetKind: string;
  readonly targetId: string | null;
  readonly requestId: string | null;
  readonly details: AuditDetails;
  readonly digest: Buffer<ArrayBuffer>;
}
