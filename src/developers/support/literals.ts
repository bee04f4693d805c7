/** A string literal of JavaScript that nothing in it can end, in single quotes. */
export function js(text: string): string {
  const inside = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inside.replaceAll('</', '<\\/')}'`;
}

/** One word of a POSIX shell, in single quotes. */
export function sh(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
