/** A host as it is stored and looked up, or why it is nobody's to prove. */
export type JudgedHost =
  | { readonly ok: true; readonly host: string }
  | { readonly ok: false; readonly sentence: string };

const LONGEST = 253;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** Names that no public DNS answers for (RFC 6761, RFC 6762, RFC 8375, RFC 9476). */
const SPECIAL = new Set(['localhost', 'local', 'internal', 'invalid', 'onion', 'alt', 'arpa', 'lan']);
/**
 * Under these others register names of their own. Whoever runs one could prove it by DNS, but then every customer's
 * address would be theirs. One label (com, dev) is never enough; these are the best known of two and more.
 */
const SHARED = new Set(
  `ac.uk co.uk gov.uk ltd.uk me.uk net.uk org.uk plc.uk com.au net.au org.au edu.au gov.au co.nz net.nz org.nz
   co.jp ne.jp or.jp ac.jp go.jp co.kr or.kr com.br net.br org.br com.cn net.cn org.cn gov.cn com.hk com.tw org.tw
   com.sg com.my com.mx com.ar com.co com.tr com.pl com.ua co.in net.in org.in co.il org.il co.za org.za com.sa com.eg
   co.id co.th com.vn com.ph com.pk com.ng co.ke eu.org us.com uk.com de.com
   github.io gitlab.io bitbucket.io pages.dev workers.dev r2.dev vercel.app now.sh netlify.app web.app firebaseapp.com
   appspot.com run.app cloudfunctions.net herokuapp.com onrender.com fly.dev railway.app deno.dev surge.sh glitch.me
   amazonaws.com s3.amazonaws.com cloudfront.net elasticbeanstalk.com awsapprunner.com azurewebsites.net
   azurestaticapps.net cloudapp.net windows.net blob.core.windows.net ngrok.io ngrok.app ngrok.dev ngrok-free.app
   trycloudflare.com loca.lt blogspot.com wordpress.com myshopify.com wixsite.com squarespace.com sharepoint.com
   duckdns.org dyndns.org no-ip.org ddns.net nip.io sslip.io`.split(/\s+/),
);

/** A host name in lower case and punycode, without the dot at its end. What no organization can own is refused. */
export function judgeHost(raw: string): JudgedHost {
  const typed = raw.trim();
  if (typed === '' || typed.length > LONGEST || /[\s/\\?#@:%[\]\p{C}]/u.test(typed)) return bad(PLAIN);
  if (!URL.canParse(`https://${typed}/`)) return bad(PLAIN);
  const host = new URL(`https://${typed}/`).hostname.replace(/\.$/, '');
  const labels = host.split('.');
  // The parser writes every spelling of an IPv4 address (decimal, octal, short) as four numbers.
  if (/^[\d.]+$/.test(host)) return bad('must be a name, not an address of the network.');
  if (host.length > LONGEST || !labels.every((label) => LABEL.test(label))) return bad(PLAIN);
  if (SPECIAL.has(labels.at(-1) ?? '')) return bad('is not on the public internet. Use its public name.');
  if (labels.length < 2) return bad('needs at least two parts, such as example.com.');
  if (SHARED.has(host)) {
    return bad('is shared by many, who register names under it. Prove your own name under it instead.');
  }
  return { ok: true, host };
}

const PLAIN = 'is not a host name. Write it without https:// and path, such as api.example.com.';

function bad(fault: string): JudgedHost {
  return { ok: false, sentence: `This ${fault}` };
}
