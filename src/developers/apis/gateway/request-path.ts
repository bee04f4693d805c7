/** A path as every server reads it, segment by segment and decoded; the last one is empty where it ends in a slash. */
export type ReadPath =
  | { readonly ok: true; readonly segments: readonly string[] }
  | { readonly ok: false; readonly sentence: string };

const LONGEST = 8_000;

/**
 * Reads the path of a request target. Gateway, API and this service each have a parser of their own, and an attacker lives
 * on their differences: what any of them could read in another way is refused, never guessed. The query is no part of it.
 */
export function readPath(target: string): ReadPath {
  const [path = ''] = target.split('?', 1);
  if (target.length > LONGEST) return odd('is too long');
  if (!path.startsWith('/')) return odd('does not begin with a slash');
  if (/[^\x21-\x7e]/.test(path)) return odd('holds characters that must be percent-encoded');
  // A server may take # for the end, \ for a slash, and what follows ; for a parameter.
  if (/[#\\;]/.test(path)) return odd('holds #, \\ or ;');
  if (path.includes('//')) return odd('holds two slashes in a row');
  const segments: string[] = [];
  for (const raw of path.slice(1).split('/')) {
    const segment = readSegment(raw);
    if (!segment.ok) return segment;
    segments.push(segment.text);
  }
  return { ok: true, segments };
}

function readSegment(raw: string): { ok: true; text: string } | Extract<ReadPath, { ok: false }> {
  const text = decoded(raw);
  if (text === undefined) return odd('is not percent-encoded UTF-8');
  // Servers that decode twice, or decode before they split, would see another path.
  if (/[/\\%;?#]/.test(text)) return odd('holds an encoded /, \\, %, ;, ? or #');
  if (/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u.test(text)) {
    return odd('holds a control character or one that nobody sees');
  }
  if (/%(?:3\d|[46][1-9a-f]|[57][0-9a]|2d|2e|5f)/i.test(raw)) {
    return odd('encodes letters, digits, dots or dashes, which need no encoding');
  }
  const plain = text.normalize('NFKC');
  if (/[/\\%;?#]/.test(plain)) return odd('holds characters that look like others');
  // Windows drops a dot or space at the end; some servers drop spaces at the beginning. Dots alone climb.
  if (/^\s|[\s.]$/u.test(plain)) return odd('has a segment that begins or ends in a space, or ends in a dot');
  return { ok: true, text };
}

function decoded(raw: string): string | undefined {
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}

/** How two spellings are the same to a server that is not strict about them: some compare capitals, ı and i alike. */
export function folded(segment: string): string {
  return segment.normalize('NFKC').toUpperCase().toLowerCase();
}

function odd(fault: string): Extract<ReadPath, { ok: false }> {
  return {
    ok: false,
    sentence: `The path ${fault}. Servers read that in different ways, so it is refused.`,
  };
}
