// The page works without this: it is then reloaded every few seconds.
const progress = document.getElementById('progress');
const updates = new EventSource('/updates');

updates.onmessage = ({ data }) => {
  const { done, texts } = JSON.parse(data);
  for (const step of document.querySelectorAll('.step'))
    step.classList.toggle('done', done.includes(step.id));
  for (const [id, text] of Object.entries(texts)) show(document.getElementById(id), text);
};

updates.onerror = () => show(progress, 'The demo has stopped. Start it again with npm run demo.');

/** Only what changed is written, so that a screen reader says it once and a selection stays. */
function show(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
