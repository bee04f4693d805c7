import { z } from 'zod';
import { defineSetting, type Settings } from '../settings.ts';
import { SERVICE_NAME } from '../views.ts';
import { languageOf } from '../words/negotiation.ts';
import type { TextKey } from '../words/text-keys.ts';
import { LANGUAGES } from '../words/texts.ts';
import { styleSheetOf } from './style-sheet.ts';

/** What operators choose about looks: a closed list of names, texts, links and variables, never templates. */

const VISIBLE = /^[^\p{C}\p{Zl}\p{Zp}]+$/u;
const text = (longest: number) =>
  z
    .string()
    .trim()
    .max(longest, `use at most ${longest} characters`)
    .regex(VISIBLE, 'use visible characters on one line');

export const BRAND_NAME = defineSetting({
  name: 'brand.name',
  schema: text(40),
  fallback: SERVICE_NAME,
  about: 'What this service is called on its pages and in its letters.',
});

export const BRAND_WELCOME = defineSetting({
  name: 'brand.welcome',
  schema: z.record(z.string(), text(300)),
  fallback: {},
  about: 'A sentence for the pages where people sign in, per language, such as {"en":"…","de":"…"}.',
});

const link = z.union([
  z.literal(''),
  z.string().max(300).refine(isHarmless, 'use an https or mailto address'),
]);

export const BRAND_SUPPORT = defineSetting({
  name: 'brand.support-link',
  schema: link,
  fallback: '',
  about: 'Where people get help: an https or mailto address for the foot of every page, or nothing.',
});

export const BRAND_TERMS = defineSetting({
  name: 'brand.terms-link',
  schema: link,
  fallback: '',
  about: 'The terms of use: an https or mailto address for the foot of every page, or nothing.',
});

export const BRAND_PRIVACY = defineSetting({
  name: 'brand.privacy-link',
  schema: link,
  fallback: '',
  about: 'The privacy notice: an https or mailto address for the foot of every page, or nothing.',
});

export const BRAND_IMPRINT = defineSetting({
  name: 'brand.imprint-link',
  schema: link,
  fallback: '',
  about: 'Who runs this: an https or mailto address for the foot of every page, or nothing.',
});

/** A picture in the table `pictures`, by the digest of its bytes. */
export interface Logo {
  readonly digest: string;
  readonly width: number;
  readonly height: number;
}

export const BRAND_LOGO = defineSetting<Logo | null>({
  name: 'brand.logo',
  schema: z
    .object({
      digest: z.string().regex(/^[0-9a-f]{16}$/),
      width: z.number().int().min(1).max(512),
      height: z.number().int().min(1).max(512),
    })
    .nullable(),
  fallback: null,
  about: 'The logo in the head of every page. Written by "settings set-logo"; null removes it.',
});

export const DEFAULT_LANGUAGE = defineSetting({
  name: 'language.default',
  schema: z.enum(LANGUAGES),
  fallback: 'en',
  about: 'Spoken to people whose own language nobody knows.',
});

/** The brand as a page shows it. */
export interface Brand {
  readonly name: string;
  /** The address of the style sheet with what differs from ours; undefined where nothing does. */
  readonly styleSheet: string | undefined;
  readonly logo: (Logo & { readonly path: string }) | undefined;
  /** Always in this order (WCAG 3.2.6). */
  readonly links: readonly { readonly label: TextKey; readonly href: string }[];
  /** The operator's sentence in this language, in no other. */
  welcome(code: string): string | undefined;
}

const LINKS = [
  [BRAND_SUPPORT, 'brand.support'],
  [BRAND_TERMS, 'brand.terms'],
  [BRAND_PRIVACY, 'brand.privacy'],
  [BRAND_IMPRINT, 'brand.imprint'],
] as const;

export function brandOf(settings: Settings): Brand {
  const logo = settings.get(BRAND_LOGO);
  return {
    name: settings.get(BRAND_NAME),
    styleSheet: styleSheetOf(settings)?.path,
    logo: logo ? { ...logo, path: `/brand/logo.${logo.digest}.png` } : undefined,
    links: LINKS.map(([setting, label]) => ({ label, href: settings.get(setting) })).filter(
      ({ href }) => href,
    ),
    welcome: (code) => settings.get(BRAND_WELCOME)[languageOf(code) ?? code],
  };
}

function isHarmless(address: string): boolean {
  const url = URL.parse(address);
  if (!url || /[\s\p{C}]/u.test(address)) return false;
  return (
    (url.protocol === 'https:' && url.username === '' && url.password === '') || url.protocol === 'mailto:'
  );
}
