import { findAccount } from '../../../accounts/account.ts';
import { endSession, loadSession } from '../../../accounts/sessions/sessions.ts';
import { findSignUpPass, spendSignUpPass } from '../../../accounts/sign-up/sign-up-passes.ts';
import type { Actor } from '../../../audit/actor.ts';
import { recordEvent } from '../../../audit/trail.ts';
import { digestOf, type HandleKind, handleKind } from '../../../platform/crypto/secrets.ts';
import { renderLetter } from '../../../platform/mail/letters.ts';
import { queueLetter } from '../../../platform/mail/outbox.ts';
import { unlinked } from '../../../platform/mail/unlinked.ts';
import type { Platform } from '../../../platform/platform.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import type { Said } from '../../../platform/words/text-keys.ts';
import { endReportedToken, type ReportedToken } from '../../../tokens/reported-tokens.ts';
import type { ArtifactKind } from '../../../tokens/write-set.ts';
import { endReportedCode } from '../../access/reported-codes.ts';
import { withdrawReportedInvitation } from '../../organizations/reported-invitations.ts';
import { usesSecret } from '../app-types.ts';
import { type CredentialHolder, findHolder, lockHolder } from './credential-holders.ts';
import { tellOfLeak } from './credential-letters.ts';
import { liveOf, nameOf } from './secrets.ts';

/** Ends what a handle stands for. True where there was something to end. */
type End = (tx: Platform, actor: Actor, handle: string) => Promise<boolean>;

/**
 * Ends whatever somebody found where it does not belong: a secret, a token, a code. Whoever holds it could use it, so
 * whoever holds it may end it. Anything that is no handle of ours stops at its checksum, and what is unknown or over is
 * looked up and left alone: a flood of values writes nothing.
 */
export async function reportLeak(platform: Platform, actor: Actor, found: string): Promise<boolean> {
  const kind = handleKind(found);
  const end = kind && ENDS[kind];
  return end ? inTransaction(platform, (tx) => end(tx, actor, found)) : false;
}

const ENDS: Readonly<Partial<Record<HandleKind, End>>> = {
  secret: endLeakedSecret,
  access: endTokenOf('access'),
  service: endTokenOf('service'),
  refresh: endTokenOf('refresh'),
  code: endTokenOf('code'),
  request: endTokenOf('request'),
  session: endLeakedSession,
  pass: endLeakedPass,
  accesscode: (tx, actor, handle) => endReportedCode(tx, actor, digestOf(handle)),
  invitation: (tx, actor, handle) => withdrawReportedInvitation(tx, actor, digestOf(handle)),
};

async function endLeakedSecret(tx: Platform, actor: Actor, handle: string): Promise<boolean> {
  const digest = digestOf(handle);
  const found = await tx.db.clientSecret.findUnique({ where: { digest } });
  const holder = found ? await lockHolder(tx, found.holderId) : undefined;
  if (!found || !holder) return false;
  const now = tx.clock.now();
  const { count } = await tx.db.clientSecret.updateMany({
    where: { ...liveOf(found.holderId, now), digest },
    data: { expiresAt: now },
  });
  if (count === 0) return false;
  const target = { kind: holder.kind, id: holder.id };
  const { id: secret, label } = found;
  await recordEvent(tx, actor, 'client-secret.reported', target, { secret, label });
  const what = { key: 'developer-letters.leak-secret', values: nameOf(found) } as const;
  await tellOfLeak(tx, holder, what, await whatIsLeft(tx, holder));
  return true;
}

/** A leak ends the secret even where it was the only one: the letter says so. */
async function whatIsLeft(tx: Platform, { clientId, authMethod }: CredentialHolder): Promise<Said> {
  if (!usesSecret(authMethod)) return { key: 'developer-letters.leak-next-keys' };
  const others = await tx.db.clientSecret.count({ where: liveOf(clientId, tx.clock.now()) });
  return { key: others > 0 ? 'developer-letters.leak-next-other' : 'developer-letters.leak-next-only' };
}

function endTokenOf(kind: ArtifactKind): End {
  return async (tx, actor, handle) => {
    const token = await endReportedToken(tx, kind, digestOf(handle));
    if (!token) return false;
    const { clientId: client, accountId, grantId, name } = token;
    const target = grantId === null ? { kind: 'client', id: client } : { kind: 'grant', id: grantId };
    await recordEvent(tx, actor, 'token.reported', target, { client, artifact: kind });
    if (name === null || accountId === null) await tellOwnersOfToken(tx, token);
    else await tellPerson(tx, accountId, name);
    return true;
  };
}

async function tellOwnersOfToken(tx: Platform, { clientId }: ReportedToken): Promise<void> {
  const holder = await findHolder(tx, clientId);
  const next = { key: 'developer-letters.leak-next-token' } as const;
  if (holder) await tellOfLeak(tx, holder, { key: 'developer-letters.leak-token' }, next);
}

/** A token that somebody made for themselves belongs to no app. */
async function tellPerson(tx: Platform, accountId: string, name: string): Promise<void> {
  const account = await findAccount(tx, accountId);
  if (!account) return;
  const data = { token: unlinked(name), tokensAddress: `${tx.config.issuer}/account/tokens` };
  const letter = renderLetter(tx, 'personal-token-leaked', data, account.locale);
  await queueLetter(tx, { to: account.email, ...letter });
}

async function endLeakedSession(tx: Platform, actor: Actor, handle: string): Promise<boolean> {
  const session = await loadSession(tx, handle);
  return session ? endSession(tx, actor, session.id) : false;
}

async function endLeakedPass(tx: Platform, actor: Actor, handle: string): Promise<boolean> {
  const pass = await findSignUpPass(tx, handle);
  return pass ? (await spendSignUpPass(tx, actor, pass.id)) !== undefined : false;
}
