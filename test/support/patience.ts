/**
 * For whatever comes in its own time: what `expect.poll`, `vi.waitFor` and `vi.waitUntil` are given. It is no promise about
 * how long something takes, and ends before the test does, so that what was last seen is said.
 */
export const PATIENCE = { timeout: 15_000, interval: 50 } as const;
