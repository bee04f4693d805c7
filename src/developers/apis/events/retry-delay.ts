/** Seconds: 5, four times as long after each try, up to 8 hours; a quarter of it by chance. */
export function retryDelay(attempts: number, chance: number = Math.random()): number {
  return Math.min(5 * 4 ** (attempts - 1), 8 * 3600) * (0.75 + chance / 4);
}
