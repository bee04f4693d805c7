import { generateSecret, generateURI, verifySync } from 'otplib';
import { BRAND_NAME } from '../../platform/brand/brand.ts';
import { epochSeconds, secondsAfter } from '../../platform/clock.ts';
import type { Place } from '../../platform/crypto/envelope.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';

const SEED_BYTES = 20;
const PERIOD = 30;
const OFFER_SECONDS = 1800;
const DEVICE_NAME = 'Authenticator app';

/** A seed on its way to its owner: as base32 and as the otpauth link that a QR code or a phone carries. */
export interface IssuedSeed {
  readonly deviceId: string;
  readonly seed: string;
  readonly otpauthUri: string;
}

export type CodeJudgement =
  | { readonly ok: true; readonly deviceId: string }
  | { readonly ok: false; readonly reason: 'wrong-code' | 'used-code' };

/** A new device with a seed of 160 bits (RFC 4226 §4), not active before a code of it was confirmed. */
export async function createPendingDevice(
  platform: Platform,
  { accountId, email, sessionId }: { accountId: string; email: string; sessionId: string },
): Promise<IssuedSeed> {
  const id = newId();
  const seed = generateSecret({ length: SEED_BYTES });
  const stale = { pendingFor: sessionId, createdAt: { lte: offeredSince(platform) } };
  await platform.db.totpDevice.deleteMany({ where: stale });
  const device = { id, accountId, name: DEVICE_NAME, pendingFor: sessionId, createdAt: platform.clock.now() };
  await platform.db.totpDevice.createMany({
    data: [{ ...device, sealedSeed: platform.vault.seal(seed, seedPlace(id)) }],
    skipDuplicates: true,
  });
  // Two tabs of one session ask at the same time: both see the seed that was stored.
  return (
    (await findPendingDevice(platform, { email, sessionId })) ??
    issuedSeed(platform, { deviceId: id, seed, email })
  );
}

/** The seed that this session, half or whole, asked for, as long as it is not confirmed. No other ever sees it. */
export async function findPendingDevice(
  platform: Platform,
  { email, sessionId }: { email: string; sessionId: string },
): Promise<IssuedSeed | undefined> {
  const { db, vault } = platform;
  const offered = { confirmedAt: null, createdAt: { gt: offeredSince(platform) } };
  const device = await db.totpDevice.findUnique({ where: { pendingFor: sessionId, ...offered } });
  if (!device) return undefined;
  const seed = vault.open(device.sealedSeed, seedPlace(device.id)).toString();
  return issuedSeed(platform, { deviceId: device.id, seed, email });
}

/** A device that is active at once, for accounts made on the command line. */
export async function createConfirmedDevice(
  platform: Platform,
  { accountId, email }: { accountId: string; email: string },
): Promise<IssuedSeed> {
  const { db, clock, vault } = platform;
  const id = newId();
  const now = clock.now();
  const seed = generateSecret({ length: SEED_BYTES });
  const sealedSeed = vault.seal(seed, seedPlace(id));
  await db.totpDevice.create({
    data: { id, accountId, name: DEVICE_NAME, sealedSeed, confirmedAt: now, createdAt: now },
  });
  return issuedSeed(platform, { deviceId: id, seed, email });
}

/** Makes a pending device active, its first code spent, and forgets other seeds that were offered. */
export async function activateDevice(
  { db, clock }: Platform,
  device: { accountId: string; deviceId: string; step: bigint; name?: string | undefined },
): Promise<void> {
  const { accountId, deviceId, step, name } = device;
  await db.totpDevice.update({
    where: { id: deviceId, accountId, confirmedAt: null },
    data: { confirmedAt: clock.now(), lastStep: step, pendingFor: null, ...(name && { name }) },
  });
  await db.totpDevice.deleteMany({ where: { accountId, confirmedAt: null } });
}

/**
 * Accepts a code of the account's active devices and burns its time step in the same breath. The step is burnt by
 * one conditional UPDATE, so of any number of parallel submissions of one code exactly one succeeds (RFC 6238 §5.2).
 */
export async function spendCode(platform: Platform, accountId: string, code: string): Promise<CodeJudgement> {
  const { db, clock, vault } = platform;
  const devices = await db.totpDevice.findMany({ where: { accountId, confirmedAt: { not: null } } });
  let reason: 'wrong-code' | 'used-code' = 'wrong-code';
  for (const { id, sealedSeed } of devices) {
    const step = matchingStep(vault.open(sealedSeed, seedPlace(id)).toString(), code, clock.now());
    if (step === undefined) continue;
    const burnt = await db.$executeRaw`
      UPDATE totp_devices SET last_step = ${step}, last_used_at = ${clock.now().toISOString()}::timestamptz
      WHERE id = ${id}::uuid AND last_step < ${step}`;
    if (burnt === 1) return { ok: true, deviceId: id };
    reason = 'used-code';
  }
  return { ok: false, reason };
}

/** The step of the code: the current one or the one before, never a later one. Undefined when it fits neither. */
export function matchingStep(seed: string, code: string, at: Date): bigint | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const epoch = epochSeconds(at);
  const found = verifySync({ secret: seed, token: code, epoch, period: PERIOD, epochTolerance: [PERIOD, 0] });
  return found.valid ? BigInt(Math.floor(epoch / PERIOD) + found.delta) : undefined;
}

/** A seed that nobody confirmed by then is shown no more and works no more. */
function offeredSince({ clock }: Platform): Date {
  return secondsAfter(clock.now(), -OFFER_SECONDS);
}

function issuedSeed(
  { settings }: Platform,
  { deviceId, seed, email }: { deviceId: string; seed: string; email: string },
): IssuedSeed {
  const issuer = settings.get(BRAND_NAME);
  return { deviceId, seed, otpauthUri: generateURI({ issuer, label: email, secret: seed }) };
}

function seedPlace(row: string): Place {
  return { table: 'totp_devices', column: 'sealed_seed', row };
}
