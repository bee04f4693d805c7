/** How much the lint of an API's reference has to say. */
export function lintedFaults(_reference: object | null): number {
  return 0;
}
