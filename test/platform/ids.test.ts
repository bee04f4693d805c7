import { expect, it } from 'vitest';
import { newId, UUID } from '../../src/platform/ids.ts';

it('row ids come in the order in which they were made, also within a millisecond, and none comes twice', () => {
  const ids = Array.from({ length: 3_000 }, newId);
  expect(ids).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) {
    expect(id).toMatch(UUID);
    expect(id[14]).toBe('7');
    expect(id[19]).toMatch(/[89ab]/);
  }
});
