import type { Statement } from '../../platform/database/statements.ts';
import type { Platform } from '../../platform/platform.ts';
import {
  addMember,
  addTally,
  type Collected,
  collectedBy,
  type Member,
  memberKey,
  type Tally,
} from './note.ts';
import { storedMember, storedSubject } from './subject.ts';

/** Rows in the order of their keys, so that two processes never wait for each other crosswise. */
const WRITE_COUNTS: Statement = {
  name: 'write_signal_counts',
  text: `
    INSERT INTO signal_counts AS s (subject_kind, subject, signal, minute, count)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::int[]) ORDER BY 1, 2, 3, 4
    ON CONFLICT (subject_kind, subject, signal, minute) DO UPDATE SET count = s.count + EXCLUDED.count`,
};

const WRITE_MEMBERS: Statement = {
  name: 'write_signal_members',
  text: `
    INSERT INTO signal_members (subject_kind, subject, signal, hour, member)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::bytea[]) ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT DO NOTHING`,
};

const LARGEST_BATCH = 5_000;

/**
 * Job, and an act of a stopping process: writes what was noted. What could not be written is kept. Answers what was
 * counted, so that it can be judged.
 */
export async function writeSignals(platform: Platform): Promise<readonly Tally[]> {
  const waiting = collectedBy(platform);
  const members = taken(waiting.members);
  const tallies = taken(waiting.tallies);
  // Members first: whoever counts a minute finds those it was about.
  await inBatches(
    members,
    (batch) => writeMembers(platform, waiting, batch),
    (left) => {
      for (const member of left) addMember(waiting, member);
      for (const tally of tallies) addTally(waiting, tally);
    },
  );
  await inBatches(
    tallies,
    (batch) => writeCounts(platform, batch),
    (left) => {
      for (const tally of left) addTally(waiting, tally);
    },
  );
  return tallies;
}

/** Takes the rows out before they are written: what comes meanwhile begins anew. */
function taken<Row>(rows: Map<string, Row>): Row[] {
  const all = [...rows.values()];
  rows.clear();
  return all;
}

async function inBatches<Row>(
  rows: readonly Row[],
  write: (batch: readonly Row[]) => Promise<unknown>,
  keep: (left: readonly Row[]) => void,
): Promise<void> {
  for (let start = 0; start < rows.length; start += LARGEST_BATCH) {
    try {
      await write(rows.slice(start, start + LARGEST_BATCH));
    } catch (error) {
      keep(rows.slice(start));
      throw error;
    }
  }
}

async function writeCounts(platform: Platform, batch: readonly Tally[]): Promise<void> {
  await platform.sql.run(WRITE_COUNTS, [
    batch.map(({ kind }) => kind),
    batch.map((row) => storedSubject(platform, row)),
    batch.map(({ signal }) => signal),
    batch.map(({ minute }) => new Date(minute)),
    batch.map(({ count }) => count),
  ]);
}

async function writeMembers(platform: Platform, waiting: Collected, batch: readonly Member[]): Promise<void> {
  const subjects = batch.map((row) => storedSubject(platform, row));
  await platform.sql.run(WRITE_MEMBERS, [
    batch.map(({ kind }) => kind),
    subjects,
    batch.map(({ signal }) => signal),
    batch.map(({ hour }) => new Date(hour)),
    batch.map(({ signal, member }, at) => storedMember(platform, String(subjects[at]), signal, member)),
  ]);
  for (const member of batch)
    if (member.hour === waiting.known.hour) waiting.known.keys.add(memberKey(member));
}
