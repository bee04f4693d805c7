/**
 * The documentation is written in a small part of Markdown, so that people and programs read the same text: headings,
 * paragraphs, lists, tables, fenced code, `code`, **strong**, [links](/there). Everything is escaped; values come in
 * by `{{name}}`, also into code. Only our own files are read with it.
 */
export function htmlOf(markdown: string, values: Readonly<Record<string, string>>): string {
  const html = blocksOf(markdown).map(renderBlock).join('\n');
  return html.replace(/\{\{(\w+)\}\}/g, (_, name: string) => escapeHtml(valueNamed(values, name)));
}

/** The text itself, with its values. */
export function textOf(markdown: string, values: Readonly<Record<string, string>>): string {
  return markdown.replace(/\{\{(\w+)\}\}/g, (_, name: string) => valueNamed(values, name));
}

function valueNamed(values: Readonly<Record<string, string>>, name: string): string {
  const value = values[name];
  if (value === undefined) throw new Error(`the documentation names {{${name}}}, which has no value`);
  return value.trimEnd();
}

/** Lines that belong together; a fence keeps its empty lines. */
function blocksOf(markdown: string): string[][] {
  const blocks: string[][] = [[]];
  let fenced = false;
  for (const line of markdown.trim().split('\n')) {
    if (line.startsWith('```')) fenced = !fenced;
    if (line === '' && !fenced) blocks.push([]);
    else blocks.at(-1)?.push(line);
  }
  return blocks.filter((block) => block.length > 0);
}

function renderBlock(lines: string[], at: number): string {
  const [first = ''] = lines;
  if (first.startsWith('```')) return renderCode(lines, at);
  const heading = /^(#{1,3}) (.*)$/.exec(first);
  if (heading) return renderHeading(heading[1]?.length ?? 1, heading[2] ?? '');
  if (first.startsWith('|')) return renderTable(lines);
  if (/^- /.test(first)) return renderList('ul', lines, /^- /);
  if (/^\d+\. /.test(first)) return renderList('ol', lines, /^\d+\. /);
  return `<p>${inline(lines.join(' '))}</p>`;
}

function renderHeading(level: number, text: string): string {
  const id = level === 1 ? '' : ` id="${slugOf(text)}"`;
  return `<h${level}${id}>${inline(text)}</h${level}>`;
}

/** The name of a heading in the address of its page. */
export function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

/** It scrolls within its frame, so the keyboard has to get there. Its name is for the button that copies it. */
function renderCode(lines: string[], at: number): string {
  const code = escapeHtml(lines.slice(1, -1).join('\n'));
  return `<pre class="code" id="code-${at}" tabindex="0"><code>${code}</code></pre>`;
}

function renderList(tag: 'ul' | 'ol', lines: string[], mark: RegExp): string {
  const items: string[] = [];
  for (const line of lines) {
    if (mark.test(line)) items.push(line.replace(mark, ''));
    else items.push(`${items.pop() ?? ''} ${line.trim()}`);
  }
  return `<${tag}>\n${items.map((item) => `<li>${inline(item)}</li>`).join('\n')}\n</${tag}>`;
}

function renderTable(lines: string[]): string {
  const [head = [], , ...rows] = lines.map(cellsOf);
  const titles = head.map((cell) => `<th scope="col">${inline(cell)}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${inline(cell)}</td>`).join('')}</tr>`);
  return `<div class="table" tabindex="0"><table><thead><tr>${titles}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table></div>`;
}

function cellsOf(line: string): string[] {
  return line
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());
}

/** What stands in backquotes is taken as it is. */
function inline(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part) => (part.startsWith('`') && part.length > 2 ? codeOf(part) : proseOf(part)))
    .join('');
}

function codeOf(part: string): string {
  return `<code>${escapeHtml(part.slice(1, -1))}</code>`;
}

function proseOf(part: string): string {
  return escapeHtml(part)
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replace(/\[([^\]]+)\]\(((?:https:\/\/|\/|#)[^)\s]*)\)/g, '<a href="$2">$1</a>');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
