import { codeOf, timeStep } from './one-time-code.ts';
import { getToken, listClients, ownApi, registerApi, type SnippetFacts } from './snippets.ts';
import { type Progress, type Step, STEPS } from './progress.ts';
import type { Seeds } from './seed.ts';

/** What the guide shows that does not change while the demo runs. */
export interface GuideFacts extends SnippetFacts {
  readonly person: Seeds['person'];
  readonly notesUrl: string;
  /** An authorization request of the app whose redirect URI was never registered. */
  readonly brokenRedirect: string;
}

/** What changes: the steps that are done, and the texts by the id of their element. */
export interface Moment {
  readonly done: readonly Step[];
  readonly texts: Readonly<Record<string, string>>;
}

/** The page as it is at `at` (milliseconds). The code of `spentStep` was used, and the service takes it only once. */
export function momentOf({ person }: GuideFacts, { done }: Progress, spentStep: number, at: number): Moment {
  const { code, secondsLeft } = codeOf(person.otpauthUri, at);
  const spent = timeStep(at) <= spentStep;
  const ticks = STEPS.map((step) => [`${step}-tick`, done.has(step) ? 'Done' : '']);
  return {
    done: STEPS.filter((step) => done.has(step)),
    texts: {
      ...Object.fromEntries(ticks),
      code: spent ? 'Used' : code,
      'code-note': spent ? `The next code comes in ${secondsLeft} s` : `Changes in ${secondsLeft} s`,
      progress: progressIn(done.size),
    },
  };
}

function progressIn(done: number): string {
  if (done === 0) return 'Each step ticks when it really happens.';
  return done === STEPS.length ? 'All five steps are done.' : `${done} of ${STEPS.length} steps are done.`;
}

interface Told {
  readonly title: string;
  readonly todo: string;
  /** Shown once the step is done. */
  readonly behind: string;
}

const TOLD: Readonly<Record<Step, Told>> = {
  'sign-in': {
    title: 'Sign in and allow the app',
    todo: 'Notes is an app of another company. Open it, choose <b>Sign in</b>, and sign in as Robin. Gatehouse then asks whether Notes may see the calendar: it asks only to read. Choose <b>Allow</b>. (What was allowed on an earlier visit is not asked again.)',
    behind:
      'Notes got a token that works for ten minutes, only at the calendar and only for reading, and one to renew it with. It never saw the password. It also learned a name for Robin that no other company gets.',
  },
  read: {
    title: 'The app reads the calendar',
    todo: 'In Notes, choose <b>Read my calendar</b>.',
    behind:
      'The calendar asked Gatehouse what the token is (introspection, RFC 7662): alive, made for this API, scope <code>calendar:read</code>. So it answered.',
  },
  write: {
    title: 'Its write is refused, with the reason',
    todo: 'In Notes, choose <b>Add an event</b>. Nobody allowed that.',
    behind:
      'The token lacks <code>calendar:write</code>. The calendar answered 403 <code>insufficient_scope</code> and named the scope it needs.',
  },
  redirect: {
    title: 'A broken redirect is explained',
    todo: 'This link asks Gatehouse to send the answer to an address that Notes never registered.',
    behind:
      'Gatehouse sent nobody anywhere: the page says what is wrong and who can mend it, and the details for developers stand below.',
  },
  revoke: {
    title: 'The app gives its access back',
    todo: 'In Notes, choose <b>Give access back</b>, then <b>Read my calendar</b> once more.',
    behind:
      'Notes ended its token at Gatehouse (revocation, RFC 7009). The calendar asked about it as always, heard that it is not active, and answered 401. Whoever signs in again gets a new one, and is not asked twice for what is allowed already.',
  },
};

export function guidePage(facts: GuideFacts, moment: Moment): string {
  const { person, notesUrl, brokenRedirect } = facts;
  const link = (step: Step) =>
    step === 'redirect'
      ? opening('/broken-redirect', 'Open the broken link')
      : opening(notesUrl, 'Open Notes');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Gatehouse demo</title>
<link rel="icon" type="image/svg+xml" href="/favicon.svg">
<link rel="stylesheet" href="/gatehouse.css">
<link rel="stylesheet" href="/guide.css">
<noscript><meta http-equiv="refresh" content="5"></noscript>
<script src="/guide.js" defer></script>
</head>
<body>
<header class="word-mark"><svg viewBox="0 0 32 32" aria-hidden="true"><path d="M3 29V15a13 13 0 0 1 26 0v14h-8V17a5 5 0 0 0-10 0v12z"/></svg>Gatehouse</header>
<main class="card wide">
<h1>An app asks for access</h1>
<p class="lead">Gatehouse stands in front of an API. In five steps you see an app of another company come in, do what it was allowed to do, and leave again.</p>
<section class="person" aria-labelledby="person">
<h2 id="person">You are Robin</h2>
<dl class="facts">
<dt>Email</dt><dd><span class="copy">${escaped(person.email)}</span></dd>
<dt>Password</dt><dd><span class="copy">${escaped(person.password)}</span></dd>
<dt>One-time code</dt><dd><span class="copy" id="code">${moment.texts.code}</span> <span class="soft" id="code-note">${moment.texts['code-note']}</span></dd>
</dl>
<p class="soft">The code is what an authenticator app would show. Each works once.</p>
</section>
<h2>Five steps</h2>
<p class="soft" id="progress" role="status">${moment.texts.progress}</p>
<ol class="steps">
${STEPS.map((step) => stepItem(step, moment, link(step))).join('\n')}
</ol>
<form class="again" method="post" action="/again"><button class="button secondary">Start over</button></form>
</main>
${furtherSections(facts)}
</body>
</html>`;

  function opening(to: string, label: string): string {
    const title = to === '/broken-redirect' ? ` title="${escaped(brokenRedirect)}"` : '';
    return `<a href="${escaped(to)}" target="_blank" rel="noopener"${title}>${label}</a>`;
  }
}

function stepItem(step: Step, { done, texts }: Moment, link: string): string {
  const { title, todo, behind } = TOLD[step];
  return `<li class="step${done.includes(step) ? ' done' : ''}" id="${step}">
<h3>${title} <span class="tick" id="${step}-tick">${texts[`${step}-tick`]}</span></h3>
<p>${todo} ${link}</p>
<p class="behind">${behind}</p>
</li>`;
}

function furtherSections(facts: GuideFacts): string {
  const { issuer, dataDir } = facts;
  return `<section class="card wide">
<h2>Protect your own API</h2>
<p>Save these fifteen lines as <code>api.mjs</code> and start them with <code>node api.mjs</code>. They work at once, because they borrow the name of the demo’s calendar.</p>
<pre tabindex="0"><code>${escaped(ownApi(facts))}</code></pre>
<p>Then come as an app. The first answer holds a token; put it into the second command.</p>
<pre tabindex="0"><code>${escaped(getToken(facts))}</code></pre>
<p>To do the same under a name of its own, register your API. Put the client ID and secret that this answers with into the third line, and its identifier and scope in place of the calendar’s.</p>
<pre tabindex="0"><code>${escaped(registerApi(facts))}</code></pre>
</section>
<section class="card wide">
<h2>Where to look next</h2>
<ul>
<li><code>examples/notes-app</code> and <code>examples/calendar-api</code> are the two programs you have just used, each short enough to read in one go.</li>
<li><a href="${issuer}/account">Robin’s account</a> shows what Notes may do and until when, and takes it back with one button.</li>
<li><a href="${issuer}/sign-up">Make an account of your own</a>. Its verification code arrives at <a href="${issuer}/mailbox">the mailbox of this demo</a>.</li>
<li><a href="${issuer}/.well-known/openid-configuration">The discovery document</a> tells every OAuth library what it needs to know.</li>
<li>The command line shows and changes everything else:
<pre tabindex="0"><code>${escaped(listClients(facts))}</code></pre></li>
<li><code>README.md</code> leads on from here. All names, passwords and secrets of this demo are in <code>${escaped(dataDir)}/demo.json</code>.</li>
</ul>
</section>`;
}

function escaped(raw: string): string {
  return raw.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
