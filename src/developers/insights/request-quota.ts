import { createHash } from 'node:crypto';
import type { Platform } from '../../platform/platform.ts';
import type { ProtocolCall } from './protocol-call.ts';
import { dayOf } from './request-rows.ts';

/** Anybody can make calls in an app's name. Only so many distinct ones are kept a day and app; the rest leave no trace. */
export const UNPROVEN_A_DAY = 20;

interface Seen {
  day: number;
  readonly byClient: Map<string, Set<string>>;
}

const seen = new WeakMap<Platform['sql'], Seen>();

/**
 * What makes an unproven call distinct: endpoint, error and redirect URI. Undefined where this process has seen it today
 * or the app's share is used up. The table holds the same line across processes.
 */
export function admitUnproven({ sql }: Pick<Platform, 'sql'>, call: ProtocolCall): Buffer | undefined {
  const day = dayOf(call.at);
  let today = seen.get(sql);
  if (!today || today.day !== day) {
    today = { day, byClient: new Map() };
    seen.set(sql, today);
  }
  let mine = today.byClient.get(call.clientId);
  if (!mine) {
    mine = new Set();
    today.byClient.set(call.clientId, mine);
  }
  if (mine.size >= UNPROVEN_A_DAY) return undefined;
  const fingerprint = fingerprintOf(call);
  const key = fingerprint.toString('base64url');
  if (mine.has(key)) return undefined;
  mine.add(key);
  return fingerprint;
}

function fingerprintOf({ endpoint, error, redirectUri }: ProtocolCall): Buffer {
  const parts = JSON.stringify([endpoint, error ?? '', redirectUri ?? '']);
  return createHash('sha256').update(parts).digest().subarray(0, 12);
}
