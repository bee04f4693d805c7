// Passkeys in the browser. Each form with data-passkey asks our server for a challenge (data-challenges), hands it to
// the browser, and sends itself with the answer in its field "credential". Texts come from the form's own attributes.
// Where the browser knows no passkeys the forms stay hidden.

/** Before a challenge of a page that waits runs out, it gets a new one. */
const RENEW_AFTER = 240_000;

/** The request that waits in the autofill; a browser allows one request at a time. */
let waiting;

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll('form[data-passkey]')) offer(form);
  tellKeepers();
  for (const element of document.querySelectorAll('[data-with-passkeys]')) element.hidden = false;
  for (const element of document.querySelectorAll('[data-without-passkeys]')) element.hidden = true;
}

function offer(form) {
  form.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    askNow(form);
  });
  if (form.dataset.passkey.includes('waiting')) wait(form);
}

/** The person pressed the button. */
async function askNow(form) {
  if (form.ariaBusy === 'true') return;
  form.ariaBusy = 'true';
  say(form, '');
  waiting?.abort();
  try {
    const publicKey = await challenge(form);
    if (form.dataset.passkey === 'create') send(form, await navigator.credentials.create({ publicKey }));
    else send(form, await navigator.credentials.get({ publicKey }));
  } catch (error) {
    say(form, form.dataset[SENTENCES[error.name] ?? 'failed']);
    if (waiting) wait(form);
  }
  form.ariaBusy = 'false';
}

const SENTENCES = { NotAllowedError: 'cancelled', AbortError: 'cancelled', InvalidStateError: 'present' };

/** Offers passkeys in the autofill as long as the page is open, quietly: whoever wants none never notices. */
async function wait(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.()) || form.ariaBusy === 'true') return;
  waiting = new AbortController();
  const { signal } = waiting;
  const renewal = setTimeout(() => renew(form, signal), RENEW_AFTER);
  try {
    const publicKey = await challenge(form);
    if (signal.aborted) return;
    send(form, await navigator.credentials.get({ publicKey, mediation: 'conditional', signal }));
  } catch {
    // Aborted for the button or a new challenge, or refused by the browser: the button is still there.
    clearTimeout(renewal);
  }
}

function renew(form, signal) {
  if (signal.aborted) return;
  if (document.hidden) {
    document.addEventListener('visibilitychange', () => renew(form, signal), { once: true });
    return;
  }
  waiting.abort();
  wait(form);
}

/** What the browser is to be asked, from our server. The form's token goes along. */
async function challenge(form) {
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.dataset.challenges, { method: 'POST', body });
  // The session is over, or has to be confirmed first: that page knows the way back.
  if (answer.redirected) location.assign(answer.url);
  if (!answer.ok || answer.redirected) throw new Error('no challenge');
  const options = await answer.json();
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const one of [...(options.allowCredentials ?? []), ...(options.excludeCredentials ?? [])]) {
    one.id = bytes(one.id);
  }
  return options;
}

function send(form, { id, rawId, type, response }) {
  const answer = { clientDataJSON: text(response.clientDataJSON) };
  for (const part of ['attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (response[part]) answer[part] = text(response[part]);
  }
  if (response.getTransports) answer.transports = response.getTransports();
  form.elements.credential.value = JSON.stringify({ id, rawId: text(rawId), type, response: answer });
  form.submit();
}

function say(form, sentence) {
  form.querySelector('[role="status"]').textContent = sentence;
}

/** A passkey that was removed here is of no more use where it is kept; browsers that can, say so there. */
function tellKeepers() {
  for (const { dataset } of document.querySelectorAll('[data-unknown-passkey], [data-accepted-passkeys]')) {
    const { unknownPasskey: unknown, acceptedPasskeys: accepted } = dataset;
    if (unknown) PublicKeyCredential.signalUnknownCredential?.(JSON.parse(unknown)).catch(() => {});
    if (accepted) PublicKeyCredential.signalAllAcceptedCredentials?.(JSON.parse(accepted)).catch(() => {});
  }
}

/** base64url, which not every browser converts by itself. */
function bytes(encoded) {
  return Uint8Array.from(atob(encoded.replaceAll('-', '+').replaceAll('_', '/')), (sign) =>
    sign.charCodeAt(0),
  );
}

function text(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
