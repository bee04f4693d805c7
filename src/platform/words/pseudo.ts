const ACCENTED: Readonly<Record<string, string>> = {
  ...{ a: 'áá', e: 'éé', i: 'íí', o: 'óó', u: 'úú', y: 'ýý', c: 'ç', n: 'ñ', s: 'š', z: 'ž', r: 'ŕ', l: 'ł' },
  ...{ A: 'Å', E: 'Ê', I: 'Î', O: 'Ô', U: 'Û', C: 'Ç', N: 'Ñ', S: 'Š', D: 'Ð' },
};

/** A text with accents, about a third longer, in brackets; `{{places}}` and [link] marks stay what they are. */
export function pseudoText(text: string): string {
  const accented = text.replace(/\{\{\w+\}\}|[a-z]/gi, (found) => ACCENTED[found] ?? found);
  return `⟦${accented}⟧`;
}
