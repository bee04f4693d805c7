/** The one page of the app. What it shows comes from elsewhere, so all of it is escaped. */
export function page(title: string, lines: readonly string[], name: string | undefined): string {
  const read = button('get', '/calendar', 'Read my calendar') + button('post', '/events', 'Add an event');
  const leave = button('post', '/revocation', 'Give access back') + button('post', '/sign-out', 'Sign out');
  return `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>${escaped(title)} - Notes</title>
<style>
  :root { color-scheme: light dark; font: 1.1rem/1.6 Georgia, serif }
  body { max-width: 34rem; margin: 3rem auto; padding: 0 1rem; overflow-wrap: break-word }
  nav { display: flex; flex-wrap: wrap; gap: .6rem } button { font: inherit; padding: .4rem .9rem }
</style>
<h1>${escaped(title)}</h1>${lines.map((line) => `<p>${escaped(line)}</p>`).join('')}
<nav>${name === undefined ? button('get', '/sign-in', 'Sign in') : read + leave}</nav>
${name === undefined ? '' : `<p>Signed in as ${escaped(name)}</p>`}`;
}

function button(method: string, path: string, label: string): string {
  return `<form method="${method}" action="${path}"><button>${label}</button></form>`;
}

function escaped(raw: string): string {
  return raw.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
