import type { AlertKind } from '../../defense/alerts.ts';
import type { Said } from '../../platform/words/text-keys.ts';

/** What an alert is about, in a few words. A kind without a text is a type error. */
export function alertWords(kind: AlertKind): Said {
  return { key: `admin.alert-${kind}` };
}
