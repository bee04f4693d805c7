/**
 * Who did it. An operator in the console is `operator:<account>`, on the command line `cli:<os user>`: for rules both are
 * the same. `browser` is a visitor who is not signed in yet.
 */
export type Actor =
  | { readonly kind: 'account'; readonly id: string; readonly requestId?: string }
  | { readonly kind: 'operator'; readonly id: string; readonly requestId?: string }
  | { readonly kind: 'client'; readonly id: string; readonly requestId?: string }
  | { readonly kind: 'browser'; readonly id?: undefined; readonly requestId?: string }
  | { readonly kind: 'cli'; readonly id: string; readonly requestId?: undefined }
  | { readonly kind: 'job'; readonly id: string; readonly requestId?: undefined };

/** True for who runs this installation, in the console or on the command line. */
export function isOperator(actor: Actor): boolean {
  return actor.kind === 'operator' || actor.kind === 'cli';
}

/** An actor as kind:id, for rows that say who did something. */
export function actorName({ kind, id = '' }: Actor): string {
  return `${kind}:${id}`;
}
