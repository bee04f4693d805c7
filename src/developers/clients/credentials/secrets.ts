import type { ClientSecret } from '../../../../prisma/generated/client.ts';
import type { Actor } from '../../../audit/actor.ts';
import { recordEvent } from '../../../audit/trail.ts';
import { secondsAfter } from '../../../platform/clock.ts';
import { digestOf, type IssuedSecret, newHandle } from '../../../platform/crypto/secrets.ts';
import { newId, UUID } from '../../../platform/ids.ts';
import type { Platform } from '../../../platform/platform.ts';
import { type Refused, refused } from '../../../platform/refused.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import { cleanName } from '../../names.ts';
import { keepsSecrets } from '../app-types.ts';
import { type CredentialChange, type HolderFault, holdForChange } from './credential-holders.ts';
import { tellOfCredential } from './credential-letters.ts';

/** A secret as its owners see it afterwards: never the secret, nor its digest. */
export type SecretView = Omit<ClientSecret, 'digest' | 'holderId' | 'warnedAt'> & {
  /** How it begins, for people who hold several. */
  readonly beginning: string;
};

/** Live ones that an app or API may have at a time. */
export const MOST_SECRETS = 5;

/** Days after which a secret may be made to end by itself. */
export const SECRET_DAYS = { least: 1, most: 730 } as const;

export interface SecretWish {
  readonly label: string;
  readonly expiresAt: Date | null;
}

/** What the secret is called that an app begins with. */
export const FIRST_LABEL = 'First secret';

/** A new secret for an app or an API (its client id), stored as a digest. Part of the change that calls for it. */
export async function issueSecret(
  { db, clock }: Platform,
  actor: Actor,
  holderId: string,
  wish: SecretWish = { label: FIRST_LABEL, expiresAt: null },
): Promise<IssuedSecret & { readonly id: string; readonly beginning: string }> {
  const createdAt = clock.now();
  const secret = newHandle('secret', createdAt);
  const id = newId();
  const hint = hintOf(secret);
  const createdBy = actor.kind === 'account' ? actor.id : null;
  await db.clientSecret.create({
    data: { ...wish, id, holderId, digest: digestOf(secret), hint, createdBy, createdAt },
  });
  return { id, secret, beginning: beginningOf({ hint }) };
}

const KIND = 'gate_secret_';
const DAY_TAG = 3;

/** Its day and the first four characters of its random part: 24 of 256 bits. */
function hintOf(secret: string): string {
  return secret.slice(KIND.length, KIND.length + DAY_TAG + 4);
}

function beginningOf({ hint }: Pick<SecretView, 'hint'>): string {
  return hint === '' ? '–' : `${KIND}${hint}…`;
}

/** Whether it still works; one without an end does for ever. */
export function isLive({ expiresAt }: Pick<SecretView, 'expiresAt'>, now: Date): boolean {
  return expiresAt === null || expiresAt > now;
}

/** What is live of a holder, as a condition. */
export function liveOf(holderId: string, now: Date) {
  return { holderId, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] };
}

export interface NewSecret extends CredentialChange {
  readonly label: string;
  /** Null: it works until somebody ends it. */
  readonly days: number | null;
}

export type SecretIssue =
  | { readonly ok: true; readonly issued: IssuedSecret; readonly expiresAt: Date | null }
  | Refused<HolderFault | 'label' | 'days' | 'auth-method' | 'too-many'>;

/** One more secret beside those that are live. It leaves here once, in the answer. */
export async function createSecret(platform: Platform, actor: Actor, input: NewSecret): Promise<SecretIssue> {
  const { days } = input;
  const cleaned = cleanName(input.label, 'The label', 40);
  if (!cleaned.ok) return refused('label', cleaned.sentence);
  const { name: label } = cleaned;
  if (days !== null && !(Number.isInteger(days) && days >= SECRET_DAYS.least && days <= SECRET_DAYS.most)) {
    return refused(
      'days',
      `A secret ends after ${SECRET_DAYS.least} to ${SECRET_DAYS.most} days, such as 90.`,
    );
  }
  return inTransaction(platform, async (tx): Promise<SecretIssue> => {
    const held = await holdForChange(tx, actor, input, 'gives');
    if (!held.ok) return held;
    const { holder } = held;
    if (!keepsSecrets(holder.type)) return refused('auth-method', NO_SECRETS);
    const now = tx.clock.now();
    if ((await tx.db.clientSecret.count({ where: liveOf(holder.clientId, now) })) >= MOST_SECRETS) {
      return refused('too-many', `There are ${MOST_SECRETS} live secrets already. End one first.`);
    }
    const expiresAt = days === null ? null : secondsAfter(now, days * DAY);
    const issued = await issueSecret(tx, actor, holder.clientId, { label, expiresAt });
    const target = { kind: holder.kind, id: holder.id };
    await recordEvent(tx, actor, 'client-secret.issued', target, { secret: issued.id, label });
    const values = { label, hint: issued.beginning };
    await tellOfCredential(tx, actor, holder, input, { key: 'developer-letters.secret-issued', values });
    return { ok: true, issued: { secret: issued.secret }, expiresAt };
  });
}

const DAY = 86_400;

export const NO_SECRETS = 'This app has no secret: its type cannot keep one.';

export interface NamedSecret extends CredentialChange {
  readonly secretId: string;
}

/** Ends one secret at once. */
export async function endSecret(
  platform: Platform,
  actor: Actor,
  input: NamedSecret,
): Promise<{ readonly ok: true } | Refused<HolderFault | 'secret'>> {
  return inTransaction(platform, async (tx) => {
    const held = await holdForChange(tx, actor, input, 'takes');
    if (!held.ok) return held;
    const { holder } = held;
    const now = tx.clock.now();
    const secret = await findSecret(tx, input);
    if (!secret || !isLive(secret, now)) return refused('secret', 'That secret has ended already.');
    const { id, label } = secret;
    await tx.db.clientSecret.updateMany({
      where: { id, holderId: holder.clientId },
      data: { expiresAt: now },
    });
    const target = { kind: holder.kind, id: holder.id };
    await recordEvent(tx, actor, 'client-secret.ended', target, { secret: id, label });
    const what = { key: 'developer-letters.secret-ended', values: nameOf(secret) } as const;
    await tellOfCredential(tx, actor, holder, input, what);
    return { ok: true };
  });
}

/** The secret of this holder with this id, live or not. */
export async function findSecret(
  { db }: Platform,
  { holderId, secretId }: { readonly holderId: string; readonly secretId: string },
): Promise<SecretView | undefined> {
  if (!UUID.test(secretId)) return undefined;
  const row = await db.clientSecret.findFirst({ where: { id: secretId, holderId } });
  return row ? viewOf(row) : undefined;
}

const ENDED_SHOWN = 10;

/** Live ones, newest first, then those that ended last. */
export async function listSecrets(
  { db, clock }: Platform,
  holderId: string,
): Promise<{ readonly live: SecretView[]; readonly ended: SecretView[] }> {
  const now = clock.now();
  const live = await db.clientSecret.findMany({ where: liveOf(holderId, now), orderBy: { id: 'desc' } });
  const ended = await db.clientSecret.findMany({
    where: { holderId, expiresAt: { lte: now } },
    orderBy: { expiresAt: 'desc' },
    take: ENDED_SHOWN,
  });
  return { live: live.map(viewOf), ended: ended.map(viewOf) };
}

/** A secret as letters name it. */
export function nameOf({ label, hint }: Pick<SecretView, 'label' | 'hint'>) {
  const beginning = beginningOf({ hint });
  return { label: label || beginning, hint: beginning };
}

function viewOf({ digest: _, holderId: __, warnedAt: ___, ...view }: ClientSecret): SecretView {
  return { ...view, beginning: beginningOf(view) };
}
