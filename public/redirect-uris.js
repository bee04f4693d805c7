// Judges redirect URIs while they are typed, by the rule that judges them when they are saved. Without it the form says
// the same afterwards. Rows can be added and cleared without saving in between.
const form = document.querySelector('form[data-judgement]');
const waiting = new Map();

form.addEventListener('input', ({ target }) => {
  if (!target.matches('input[type="url"]')) return;
  clearTimeout(waiting.get(target));
  waiting.set(
    target,
    setTimeout(() => judge(target), 300),
  );
});

async function judge(input) {
  const uri = input.value.trim();
  if (uri === '') return say(input, '');
  const answer = await fetch(`${form.dataset.judgement}?uri=${encodeURIComponent(uri)}`);
  if (!answer.ok || input.value.trim() !== uri) return;
  const { ok, sentence } = await answer.json();
  say(input, ok ? '' : sentence);
}

function say(input, sentence) {
  const id = `${input.id}-problem`;
  let said = document.getElementById(id);
  if (!said) {
    said = document.createElement('p');
    said.id = id;
    said.className = 'problem';
    said.role = 'status';
    input.before(said);
    input.setAttribute('aria-describedby', `${input.getAttribute('aria-describedby') ?? ''} ${id}`.trim());
  }
  said.textContent = sentence;
  said.hidden = sentence === '';
  if (sentence) input.setAttribute('aria-invalid', 'true');
  else input.removeAttribute('aria-invalid');
}

for (const button of form.querySelectorAll('button[data-adds]')) {
  button.hidden = false;
  button.addEventListener('click', () => {
    const rows = form.querySelectorAll(`input[name^="${button.dataset.adds}-"]`);
    const last = rows[rows.length - 1];
    if (rows.length >= Number(button.dataset.most)) return;
    const row = last.closest('.field').cloneNode(true);
    const number = rows.length + 1;
    const input = row.querySelector('input');
    const label = row.querySelector('label');
    for (const extra of row.querySelectorAll('.problem')) extra.remove();
    input.name = `${button.dataset.adds}-${number}`;
    input.id = label.htmlFor = `field-${input.name}`;
    input.value = '';
    input.removeAttribute('aria-invalid');
    input.removeAttribute('aria-describedby');
    label.textContent = button.dataset.label.replace('%', number);
    button.before(row);
    input.focus();
  });
}
