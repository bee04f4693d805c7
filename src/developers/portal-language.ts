import type { Handler } from '../platform/web/context.ts';
import { speakOnly } from '../platform/web/language.ts';
import { ENGLISH, PSEUDO } from '../platform/words/texts.ts';

/** The portal and the documentation speak English (decision record 0011), whatever else the visitor speaks. */
export const speakToDevelopers: Handler = (ctx, next) => {
  speakOnly(ctx, [ENGLISH, PSEUDO]);
  return next();
};
