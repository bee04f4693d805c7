// Shows the buttons that copy: they need a script and a clipboard, so pages hide them until both are there.
for (const button of document.querySelectorAll('button[data-copy]')) {
  const source = document.getElementById(button.dataset.copy);
  const status = document.querySelector('[data-copy-status]');
  if (!source || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const lines = [...source.querySelectorAll('code')].map((code) => code.textContent.trim());
    await navigator.clipboard.writeText(lines.join('\n'));
    if (status) status.textContent = button.dataset.copied;
  });
}
