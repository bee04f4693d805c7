/** An address that developers give us for people to follow: https and nothing else, so that no link of ours runs a program. */
export type JudgedAddress =
  | { readonly ok: true; readonly uri: string }
  | { readonly ok: false; readonly sentence: string };

const LONGEST = 500;
const PRINTABLE = /^[\x21-\x7e]+$/;
const HOST = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}$/;
const EXAMPLE = 'such as https://www.example.com/privacy.';

/** The address in its one spelling. `what` begins the sentence of a refusal. */
export function judgeWebAddress(raw: string, what: string): JudgedAddress {
  const text = raw.trim();
  if (text.length > LONGEST)
    return bad(what, `is longer than ${LONGEST} characters. Use a shorter one, ${EXAMPLE}`);
  if (!PRINTABLE.test(text) || /[\\<>"`{|}^]/.test(text)) {
    return bad(what, `must be written in plain characters, ${EXAMPLE}`);
  }
  const url = URL.parse(text);
  if (url?.protocol !== 'https:' || !/^https:\/\//i.test(text)) {
    return bad(what, `must be a full https address, ${EXAMPLE}`);
  }
  if (url.username !== '' || url.password !== '') {
    return bad(what, 'must not name a user. Remove everything up to the @.');
  }
  if (!HOST.test(url.hostname)) return bad(what, `must be on a host with a public name, ${EXAMPLE}`);
  return { ok: true, uri: url.href };
}

function bad(what: string, fault: string): JudgedAddress {
  return { ok: false, sentence: `${what} ${fault}` };
}
