/** A line of plain text: what it is, and its value. */
export type Fact = readonly [label: string, value: string];

/** Facts below each other, values in one column. */
export function aligned(facts: readonly Fact[]): string[] {
  const width = Math.max(0, ...facts.map(([label]) => label.length));
  return facts.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`);
}

/** Rows below each other under their headings. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lines = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...lines.map((row) => (row[column] ?? '').length)));
  return lines.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

export function shownOnce(secret: string): string {
  return `${secret}  (shown once, keep it now)`;
}

export function listed(values: readonly string[]): string {
  return values.length === 0 ? '-' : values.join(', ');
}
