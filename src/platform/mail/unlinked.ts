/**
 * A name that a stranger chose, as it may stand in a letter: mail programs turn `evil.example/pay` into a link by
 * themselves, but not with a zero-width space behind its marks.
 */
export function unlinked(name: string): string {
  return name.replace(/[.:/@](?=\S)/g, '$&\u200b');
}
