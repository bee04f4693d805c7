import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditAction, AuditDetails } from '../../src/audit/events.ts';
import { auditDigest, auditEntry, recordEvent } from '../../src/audit/trail.ts';
import type { OpenPlatform } from '../../src/platform/platform.ts';
import { inTransaction } from '../../src/platform/transaction.ts';
import { openTestPlatform } from '../support/platform.ts';

const AT = new Date('2026-11-22T12:00:00Z');
const ACTOR = { kind: 'cli', id: 'operator' } as const;

describe('an entry of the audit trail', () => {
  let platform: OpenPlatform;
  beforeAll(async () => {
    platform = await openTestPlatform();
  });
  afterAll(() => platform.close());

  it('is written with its effect or not at all', async () => {
    const before = await platform.db.auditEvent.count();
    const failing = inTransaction(platform, async (tx) => {
      await recordEvent(tx, ACTOR, 'client.created', { kind: 'client', id: 'app' });
      throw new Error('the effect failed');
    });
    await expect(failing).rejects.toThrow('the effect failed');
    expect(await platform.db.auditEvent.count()).toBe(before);
  });

  const ENTRY = auditEntry(
    AT,
    ACTOR,
    'client.created',
    { kind: 'client', id: 'app' },
    { type: 'web', first: true },
  );

  it.each([
    ['the time', { at: new Date('2026-11-22T12:00:01Z') }],
    ['the actor', { actorId: 'somebody' }],
    ['the kind of actor', { actorKind: 'account' }],
    ['the action', { action: 'client.suspended' as const }],
    ['the target', { targetId: 'other' }],
    ['the request', { requestId: 'request' }],
    ['a detail', { details: { type: 'web', first: false } }],
    ['the details', { details: {} }],
  ])('has another digest when %s is changed', (_what, change) => {
    expect(auditDigest(ENTRY)).toEqual(ENTRY.digest);
    expect(auditDigest({ ...ENTRY, ...change })).not.toEqual(ENTRY.digest);
  });

  it('proves itself again from what is stored, whatever the order of its details', async () => {
    await recordEvent(
      platform,
      ACTOR,
      'client.created',
      { kind: 'client', id: 'app' },
      { b: 1, a: ['x', 'y'] },
    );
    const row = await platform.db.auditEvent.findFirstOrThrow({ where: { targetId: 'app' } });
    const details = row.details as AuditDetails;
    const action = row.action as AuditAction;
    expect(auditDigest({ ...row, action, details })).toEqual(Buffer.from(row.digest));
    const { a = null, b = null } = details;
    expect(auditDigest({ ...row, action, details: { a, b } })).toEqual(Buffer.from(row.digest));
  });
});
