import type { KoaContextWithOIDC } from 'oidc-provider';

export const SELECT_ACCOUNT = 'select_account';

/**
 * prompt=select_account needs no page of its own: the consent page names who is signed in and offers to be somebody else,
 * as the one that confirms a sign-in does for prompt=login. Where nobody is signed in, the sign-in itself is the choice.
 */
export function letChooseAccount({ oidc: { params, prompts, session } }: KoaContextWithOIDC): void {
  if (!params || !session || !prompts.has(SELECT_ACCOUNT)) return;
  const asked = new Set(prompts);
  asked.delete(SELECT_ACCOUNT);
  if (session.accountId && !asked.has('login')) asked.add('consent');
  params.prompt = asked.size > 0 ? [...asked].join(' ') : undefined;
}
