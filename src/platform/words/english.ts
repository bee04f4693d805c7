import { systemClock } from '../clock.ts';
import { SERVICE_NAME } from '../views.ts';
import { type Language, languageFor } from './language.ts';
import type { Words } from './text-keys.ts';
import { ENGLISH } from './texts.ts';

/** For programs, logs and operators. */
export const english: Language = languageFor(ENGLISH, { clock: systemClock, service: SERVICE_NAME });

export function inEnglish(words: Words): string {
  return english.t(words);
}
