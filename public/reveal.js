// Lets people look at the password they type, which a phone makes hard to get right. The buttons need a script, so pages
// hide them until it runs. Sent is a password field again, so that no browser keeps it among the texts it completes.
for (const button of document.querySelectorAll('button[data-reveals]')) {
  const input = document.getElementById(button.dataset.reveals);
  const hidden = { text: button.textContent, label: button.ariaLabel };
  const shown = { text: button.dataset.hide, label: button.dataset.hideLabel };
  const show = (visible) => {
    input.type = visible ? 'text' : 'password';
    const now = visible ? shown : hidden;
    button.textContent = now.text;
    button.ariaLabel = now.label;
  };
  button.hidden = false;
  button.addEventListener('click', () => show(input.type === 'password'));
  input.form.addEventListener('submit', () => show(false));
}
