const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Plain text as HTML, in elements and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}

/**
 * Fills the `{{places}}` of a text. A place without a value is a mistake in the code and throws. What a value holds is
 * never looked at again, so it cannot open places of its own.
 */
export function fill(
  text: string,
  placed: (name: string) => string,
  plain: (words: string) => string = (words) => words,
): string {
  return text
    .split(/\{\{(\w+)\}\}/)
    .map((piece, index) => (index % 2 === 0 ? plain(piece) : placed(piece)))
    .join('');
}

/** Splits `before [link] after`; a text without brackets is a link as a whole. */
export function aroundLink(text: string): readonly [before: string, link: string, after: string] {
  const [, before = '', link = text, after = ''] = /^([^[]*)\[([^\]]*)\](.*)$/s.exec(text) ?? [];
  return [before, link, after];
}
