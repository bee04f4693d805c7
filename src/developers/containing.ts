/** A pattern for ILIKE that finds a text anywhere, whatever signs it has. What no text in the database can hold is left out. */
export function containing(text: string): string {
  return `%${text.replaceAll('\u0000', '').replace(/[\\%_]/g, '\\$&')}%`;
}
