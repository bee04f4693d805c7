/** Three channels from 0 to 255. */
export type Color = readonly [red: number, green: number, blue: number];

/** `#1f5c4d`, `#165` or `rgb(31, 92, 77)`; undefined for everything else that CSS might take. */
export function parseColor(text: string): Color | undefined {
  const written = text.trim().toLowerCase();
  const [, short] = /^#([0-9a-f]{3})$/.exec(written) ?? [];
  const [, long = short?.replace(/./g, '$&$&')] = /^#([0-9a-f]{6})$/.exec(written) ?? [];
  if (long) return channels((long.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));
  const [, ...parts] = /^rgb\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*\)$/.exec(written) ?? [];
  return channels(parts.map(Number));
}

function channels([red, green, blue]: readonly number[]): Color | undefined {
  if (red === undefined || green === undefined || blue === undefined) return undefined;
  return Math.max(red, green, blue) <= 255 ? [red, green, blue] : undefined;
}

/** The one way we write a color. */
export function hexOf(color: Color): string {
  return `#${color.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

/** Contrast ratio, 1 to 21 (WCAG 2.2). */
export function contrastOf(a: Color, b: Color): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: Color): number {
  const [red = 0, green = 0, blue = 0] = color.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
