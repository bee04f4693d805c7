import type { EventTarget } from '../../../../prisma/generated/client.ts';
import type { Actor } from '../../../audit/actor.ts';
import { recordEvent } from '../../../audit/trail.ts';
import { secondsAfter } from '../../../platform/clock.ts';
import type { IssuedSecret } from '../../../platform/crypto/secrets.ts';
import { newId, UUID } from '../../../platform/ids.ts';
import type { Platform } from '../../../platform/platform.ts';
import { type Refused, refused } from '../../../platform/refused.ts';
import { inTransaction } from '../../../platform/transaction.ts';
import type { Said } from '../../../platform/words/text-keys.ts';
import type {
  CredentialChange,
  CredentialHolder,
  HolderFault,
} from '../../clients/credentials/credential-holders.ts';
import { tellOfCredential } from '../../clients/credentials/credential-letters.ts';
import { holdApiForChange } from '../hold-api-for-change.ts';
import { repeatKept } from './delivery-log.ts';
import { EVENTS, TEST_EVENT } from './event-names.ts';
import { newEventSecret, openEventSecret, sealEventSecret } from './event-secret.ts';
import { bodyOf, newMessageId, queueFor } from './queue-event.ts';
import { sendEvent } from './send-event.ts';
import { type TargetView, viewOf } from './target-list.ts';
import { wakeTarget } from './target-rest.ts';

export const MOST_TARGETS = 5;

/** Both secrets sign for so long after a change. */
export const OVERLAP_HOURS = 24;

const LONGEST_URL = 500;

export interface NewTarget extends CredentialChange {
  readonly url: string;
  /** Names of events; none for all, those of later included. */
  readonly events: readonly string[];
}

export type TargetAdded =
  | {
      readonly ok: true;
      readonly target: TargetView;
      readonly issued: IssuedSecret;
      /** What it answered to the signed test: a target that checks signatures refuses it, not knowing the secret yet. */
      readonly status: number;
    }
  | Refused<HolderFault | 'url' | 'events' | 'too-many'>;

/**
 * Adds an address that events are sent to. It has to answer a signed test first, so that nobody waits for events at an
 * address with a typing error. The holder is the API's client id; the secret is shown once.
 */
export async function addTarget(platform: Platform, actor: Actor, input: NewTarget): Promise<TargetAdded> {
  const events = EVENTS.filter((name) => input.events.includes(name));
  if (events.length < new Set(input.events).size) {
    return refused('events', `There is no such event. Choose among ${EVENTS.join(', ')}.`);
  }
  const issued = newEventSecret();
  const id = newId();
  const sealedSecret = sealEventSecret(platform, id, 'sealed_secret', issued);
  const secrets = { sealedSecret, olderSecret: null, olderUntil: null };
  const judged = await judgeUrl(platform, input.url, { id, ...secrets });
  if (!judged.ok) return judged;
  const { url, status } = judged;
  return inTransaction(platform, async (tx): Promise<TargetAdded> => {
    const held = await holdApiForChange(tx, actor, input, 'gives');
    if (!held.ok) return held;
    const apiId = held.holder.id;
    const others = await tx.db.eventTarget.findMany({ where: { apiId }, select: { url: true } });
    if (others.length >= MOST_TARGETS) {
      return refused('too-many', `An API has at most ${MOST_TARGETS} targets. Remove one first.`);
    }
    if (others.some((one) => one.url === url)) return refused('url', 'That address is a target already.');
    const createdBy = actor.kind === 'account' ? actor.id : null;
    const row = { id, apiId, url, events, ...secrets, createdBy, createdAt: tx.clock.now() };
    const created = await tx.db.eventTarget.create({ data: row });
    await record(tx, actor, 'event-target.added', held.holder, { target: id, host: hostOf(url), events });
    await tell(tx, actor, held.holder, input, 'developer-letters.event-target-added', url);
    return { ok: true, target: viewOf(created), issued, status };
  });
}

/** Live: nothing but an answer tells an address that works from one that looks as if. */
async function judgeUrl(
  platform: Platform,
  raw: string,
  secrets: { id: string; sealedSecret: string; olderSecret: null; olderUntil: null },
): Promise<{ readonly ok: true; readonly url: string; readonly status: number } | Refused<'url'>> {
  const text = raw.trim();
  const url = URL.parse(text);
  if (url?.hash !== '' || text.length > LONGEST_URL || !/^[\x21-\x7e]+$/.test(text)) {
    return refused('url', 'Give a full https address, such as https://api.example.com/gatehouse-events.');
  }
  const body = bodyOf(TEST_EVENT, {}, platform.clock.now());
  const sent = await sendEvent(platform, { ...secrets, url: url.href }, { messageId: newMessageId(), body });
  if (sent.sentence !== undefined) return refused('url', sent.sentence);
  if (sent.taken || CHECKS_SIGNATURES.has(sent.status))
    return { ok: true, url: url.href, status: sent.status };
  return refused(
    'url',
    `The address answered our test with status ${sent.status}. It must answer POST with 200 to 299, or with 400, 401 or 403 as long as it does not know the secret.`,
  );
}

const CHECKS_SIGNATURES: ReadonlySet<number> = new Set([400, 401, 403]);

/** An API, and one of its targets. */
export interface NamedTarget extends CredentialChange {
  readonly targetId: string;
}

export type TargetChange = { readonly ok: true } | Refused<HolderFault | 'target' | 'events'>;

/** Chooses other events. */
export async function chooseEvents(
  platform: Platform,
  actor: Actor,
  input: NamedTarget & { readonly events: readonly string[] },
): Promise<TargetChange> {
  const events = EVENTS.filter((name) => input.events.includes(name));
  return changeTarget(platform, actor, input, 'gives', async (tx, { id }, holder) => {
    await tx.db.eventTarget.updateMany({ where: { id }, data: { events } });
    await record(tx, actor, 'event-target.changed', holder, { target: id, events });
  });
}

/** Stops sending to a target, or lets it go on with all that is still kept for it. */
export async function stopTarget(
  platform: Platform,
  actor: Actor,
  input: NamedTarget & { readonly stopped: boolean },
): Promise<TargetChange> {
  const { stopped } = input;
  return changeTarget(platform, actor, input, stopped ? 'takes' : 'gives', async (tx, { id }, holder) => {
    const disabledAt = stopped ? tx.clock.now() : null;
    await tx.db.eventTarget.updateMany({ where: { id }, data: { disabledAt } });
    if (!stopped) await repeatKept(tx, id);
    await record(tx, actor, 'event-target.changed', holder, { target: id, stopped });
  });
}

/** Removes a target with its log and all that was on its way. */
export async function removeTarget(
  platform: Platform,
  actor: Actor,
  input: NamedTarget,
): Promise<TargetChange> {
  return changeTarget(platform, actor, input, 'takes', async (tx, { id, url }, holder) => {
    await tx.db.eventTarget.deleteMany({ where: { id } });
    await record(tx, actor, 'event-target.removed', holder, { target: id, host: hostOf(url) });
    await tell(tx, actor, holder, input, 'developer-letters.event-target-removed', url);
  });
}

/** Puts a test on its way, as every other event goes. */
export async function testTarget(
  platform: Platform,
  actor: Actor,
  input: NamedTarget,
): Promise<TargetChange> {
  return changeTarget(platform, actor, input, 'takes', async (tx, { id }, holder) => {
    const delivery = await queueFor(tx, id, TEST_EVENT, bodyOf(TEST_EVENT, {}, tx.clock.now()));
    await wakeTarget(tx, id);
    await record(tx, actor, 'event-delivery.repeated', holder, { target: id, delivery, test: true });
  });
}

export type SecretRotation =
  | { readonly ok: true; readonly issued: IssuedSecret; readonly olderUntil: Date; readonly url: string }
  | Refused<HolderFault | 'target' | 'events'>;

/** Makes a new secret. For a day both sign every message, so that nothing is lost while the new one is put in place. */
export async function rotateEventSecret(
  platform: Platform,
  actor: Actor,
  input: NamedTarget,
): Promise<SecretRotation> {
  const issued = newEventSecret();
  const olderUntil = secondsAfter(platform.clock.now(), OVERLAP_HOURS * 3600);
  let address = '';
  const changed = await changeTarget(platform, actor, input, 'gives', async (tx, target, holder) => {
    const { id, url, sealedSecret } = target;
    address = url;
    const before = openEventSecret(tx, id, 'sealed_secret', sealedSecret);
    const data = {
      sealedSecret: sealEventSecret(tx, id, 'sealed_secret', issued),
      olderSecret: sealEventSecret(tx, id, 'older_secret', before),
      olderUntil,
    };
    await tx.db.eventTarget.updateMany({ where: { id }, data });
    await record(tx, actor, 'event-target.changed', holder, { target: id, rotated: true });
    await tell(tx, actor, holder, input, 'developer-letters.event-target-rotated', url, olderUntil);
  });
  return changed.ok ? { ok: true, issued, olderUntil, url: address } : changed;
}

/** One change of one target of the API that is held; a target of another API is one that does not exist. */
async function changeTarget(
  platform: Platform,
  actor: Actor,
  input: NamedTarget,
  change: 'gives' | 'takes',
  make: (tx: Platform, target: EventTarget, holder: CredentialHolder) => Promise<void>,
): Promise<TargetChange> {
  return inTransaction(platform, async (tx): Promise<TargetChange> => {
    const held = await holdApiForChange(tx, actor, input, change);
    if (!held.ok) return held;
    const id = UUID.test(input.targetId) ? input.targetId : undefined;
    const target = id && (await tx.db.eventTarget.findFirst({ where: { id, apiId: held.holder.id } }));
    if (!target) return refused('target', 'No target of this API has this ID.');
    await make(tx, target, held.holder);
    return { ok: true };
  });
}

function record(
  tx: Platform,
  actor: Actor,
  action: 'event-target.added' | 'event-target.changed' | 'event-target.removed' | 'event-delivery.repeated',
  holder: CredentialHolder,
  details: Readonly<Record<string, string | boolean | readonly string[]>>,
): Promise<void> {
  return recordEvent(tx, actor, action, { kind: 'api', id: holder.id }, details);
}

/** The trail names the host alone: an address may carry a key of its own. */
function hostOf(url: string): string {
  return new URL(url).host;
}

function tell(
  tx: Platform,
  actor: Actor,
  holder: CredentialHolder,
  input: CredentialChange,
  key: Said['key'],
  url: string,
  until?: Date,
): Promise<void> {
  const values = { address: hostOf(url), ...(until && { until }) };
  return tellOfCredential(tx, actor, holder, input, { key, values }, 'events');
}
