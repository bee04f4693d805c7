/** A server that takes events after it has checked their signature (Standard Webhooks): Node 20, no packages. */
export function eventSnippet(): string {
  return `// events.mjs: run it with EVENT_SECRET=whsec_… PORT=8080 node events.mjs
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { env } from 'node:process';

const key = Buffer.from(env.EVENT_SECRET.replace('whsec_', ''), 'base64');

function isGenuine({ id, timestamp, signatures }, body) {
  // Five minutes either way: what is older may be a repeat by somebody who listened.
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) < 300)) return false;
  const expected = createHmac('sha256', key).update(\`\${id}.\${timestamp}.\${body}\`).digest();
  // Two signatures for a day after the secret was changed: one of them is enough.
  return signatures.split(' ').some((one) => {
    const [version, value = ''] = one.split(',');
    const given = Buffer.from(value, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

// A message may come more than once: keep the ids of those you have done, here or better in your database.
const done = new Set();

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  const id = request.headers['webhook-id'];
  const timestamp = request.headers['webhook-timestamp'];
  const signatures = String(request.headers['webhook-signature']);
  if (!isGenuine({ id, timestamp, signatures }, body)) return response.writeHead(401).end();
  // Answer at once, and do what it means afterwards.
  response.writeHead(204).end();
  if (done.has(id)) return;
  done.add(id);
  const event = JSON.parse(body);
  console.log(event.type, JSON.stringify(event.data));
});
server.listen(env.PORT ?? 8080, () => console.log('ready'));
`;
}
