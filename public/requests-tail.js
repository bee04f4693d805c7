// Keeps the list of requests up to date: the server says when there is something new, and the list is fetched again as
// the page it is part of, so that it is built in one place. Without a script the page is reloaded by hand.
const line = document.querySelector('[data-tail]');
const button = line?.querySelector('button');
const status = line?.querySelector('[role="status"]');
let source;

async function refresh() {
  const answer = await fetch(location.href, { redirect: 'error' });
  if (!answer.ok) throw new Error(String(answer.status));
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('requests');
  const shown = document.getElementById('requests');
  // Whoever is reading in the list is not interrupted: it changes once they have left it.
  if (fresh && shown && !shown.contains(document.activeElement))
    shown.replaceWith(document.importNode(fresh, true));
}

function follow() {
  source = new EventSource(line.dataset.tail);
  source.addEventListener('open', () => say(line.dataset.live));
  source.addEventListener('requests', () => refresh().catch(pause));
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) pause(line.dataset.ended);
  });
  button.textContent = button.dataset.pause;
}

function pause(reason) {
  source?.close();
  source = undefined;
  button.textContent = button.dataset.resume;
  say(typeof reason === 'string' ? reason : line.dataset.paused);
}

function say(text) {
  if (status.textContent !== text) status.textContent = text;
}

if (line && 'EventSource' in window) {
  button.hidden = false;
  const resume = () => refresh().then(follow, pause);
  let wanted = true;
  button.addEventListener('click', () => {
    wanted = !source;
    if (source) pause();
    else resume();
  });
  // A page nobody looks at asks for nothing, and keeps no session alive.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) pause();
    else if (wanted && !source) resume();
  });
  follow();
}
