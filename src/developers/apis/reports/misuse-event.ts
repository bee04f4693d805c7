/** The one event that we take: a page of the documentation, so that whoever reads a report can read what it means. */
export function misuseEvent(issuer: string): string {
  return `${issuer}/docs/report-misuse#token-misbehaves`;
}
