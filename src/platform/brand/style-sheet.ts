import { createHash } from 'node:crypto';
import { z } from 'zod';
import { defineSetting, type Settings } from '../settings.ts';
import { type Color, contrastOf, hexOf, parseColor } from './colors.ts';

const ENOUGH = 4.5;

/** What links and buttons lie on, and what lies on buttons: the grounds of public/gatehouse.css. */
const LIGHT_GROUNDS: readonly Color[] = [
  [245, 241, 233],
  [255, 253, 249],
  [236, 242, 236],
  [255, 255, 255],
];
const DARK_GROUNDS: readonly Color[] = [
  [24, 21, 18],
  [34, 30, 26],
  [30, 47, 40],
  [26, 23, 20],
];
const ON_LIGHT_ACCENT = '#ffffff';
const ON_DARK_ACCENT = '#14110e';

export const BRAND_ACCENT = defineSetting({
  name: 'brand.accent',
  schema: accentOn(LIGHT_GROUNDS, 'light'),
  fallback: '',
  about: 'The color of buttons and links on light pages, such as #1f5c4d; nothing means ours.',
});

export const BRAND_ACCENT_DARK = defineSetting({
  name: 'brand.accent-dark',
  schema: accentOn(DARK_GROUNDS, 'dark'),
  fallback: '',
  about: 'The color of buttons and links on dark pages, such as #93d2bd; nothing means ours.',
});

export const BRAND_RADIUS = defineSetting({
  name: 'brand.radius',
  schema: z.string().transform((text, ctx) => {
    const [, number, unit] = /^(\d{1,2}(?:\.\d{1,3})?)(px|rem)$/.exec(text.trim()) ?? [];
    const rems = Number(number) / (unit === 'px' ? 16 : 1);
    if (rems <= 1.5) return `${rems}rem`;
    ctx.addIssue({ code: 'custom', message: 'use a length from 0px to 24px' });
    return z.NEVER;
  }),
  fallback: '0.625rem',
  about: 'How round corners are: a length from 0px to 24px.',
});

/** Fonts that are on the device already: a page fetches none. */
const FONTS = {
  system: '',
  humanist: 'Seravek, "Gill Sans Nova", Ubuntu, Calibri, "DejaVu Sans", source-sans-pro, sans-serif',
  rounded:
    'ui-rounded, "Hiragino Maru Gothic ProN", Quicksand, Comfortaa, Manjari, "Arial Rounded MT", sans-serif',
  serif: '"Iowan Old Style", "Palatino Linotype", "URW Palladio L", P052, Georgia, serif',
} as const;

export const BRAND_FONT = defineSetting<keyof typeof FONTS>({
  name: 'brand.font',
  schema: z.enum(Object.keys(FONTS) as (keyof typeof FONTS)[]),
  fallback: 'system',
  about: 'The style of letters, from fonts that devices have: system, humanist, rounded or serif.',
});

/**
 * The variables that differ from ours as a style sheet of our own writing. Nothing an operator typed goes in: only
 * what was parsed to a color, a length or a name on a list, written anew.
 */
export function styleSheetOf(
  settings: Settings,
): { readonly path: string; readonly css: string } | undefined {
  const light = settings.get(BRAND_ACCENT);
  const dark = settings.get(BRAND_ACCENT_DARK);
  const radius = settings.get(BRAND_RADIUS);
  const font = FONTS[settings.get(BRAND_FONT)];
  const variables = [
    ...(light || dark ? accents(light || '#1f5c4d', dark || '#93d2bd') : []),
    ...(radius === BRAND_RADIUS.fallback ? [] : [`--radius:${radius}`]),
    ...(font ? [`--text:${font}`] : []),
  ];
  if (variables.length === 0) return undefined;
  const css = `:root{${variables.join(';')}}`;
  const digest = createHash('sha256').update(css).digest('hex').slice(0, 16);
  return { path: `/brand/style.${digest}.css`, css };
}

function accents(light: string, dark: string): string[] {
  return [
    `--accent:light-dark(${light},${dark})`,
    '--accent-strong:light-dark(color-mix(in srgb,var(--accent),#000 22%),color-mix(in srgb,var(--accent),#fff 22%))',
    `--on-accent:light-dark(${ON_LIGHT_ACCENT},${ON_DARK_ACCENT})`,
  ];
}

function accentOn(grounds: readonly Color[], theme: string) {
  return z.string().transform((text, ctx): string => {
    if (text.trim() === '') return '';
    const color = parseColor(text);
    if (!color) {
      ctx.addIssue({ code: 'custom', message: 'write a color like #1f5c4d' });
      return z.NEVER;
    }
    const contrast = Math.min(...grounds.map((ground) => contrastOf(color, ground)));
    if (contrast >= ENOUGH) return hexOf(color);
    const found = (Math.floor(contrast * 10) / 10).toFixed(1);
    const message = `on ${theme} pages its contrast is ${found}:1, and less than ${ENOUGH}:1 is hard to read`;
    ctx.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}
