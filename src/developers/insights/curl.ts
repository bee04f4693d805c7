import type { CallFacts, Field } from './call-facts.ts';

/**
 * A redacted call as a command for a POSIX shell: what was masked stands as a word in capital letters. Everything is in
 * single quotes, in which a shell reads nothing but the next quote; what could leave its line was escaped before.
 */
export function curlOf(issuer: string, { method, path, headers, params }: CallFacts): string {
  const lines = [`curl ${method === 'POST' ? '' : '-G '}${quoted(`${issuer}${path}`)}`];
  for (const [name, value] of headers) lines.push(...headerOption(name, value));
  for (const [name, value] of params) {
    if (name !== '…')
      lines.push(`--data-urlencode ${quoted(`${encodeURIComponent(name)}=${shown(name, value)}`)}`);
  }
  return lines.join(' \\\n  ');
}

const MASKED = /\[masked(?:, \d+ characters)?\]/g;

function headerOption(name: string, value: string): string[] {
  if (name === 'authorization') {
    const [scheme = '', credentials = ''] = value.split(' ', 2);
    if (scheme === 'Basic') return [`-u ${quoted(credentials.replace(MASKED, 'YOUR_SECRET'))}`];
    return [`-H ${quoted(`Authorization: ${scheme} YOUR_TOKEN`)}`];
  }
  if (name === 'dpop') return [`-H ${quoted('DPoP: YOUR_DPOP_PROOF')}`];
  return name === 'origin' ? [`-H ${quoted(`Origin: ${value}`)}`] : [];
}

function shown(name: Field[0], value: string): string {
  const placeholder = `YOUR_${name.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}`;
  return value.replace(MASKED, placeholder);
}

export function quoted(text: string): string {
  return `'${text.replace(/\p{Cc}/gu, ' ').replaceAll("'", "'\\''")}'`;
}
