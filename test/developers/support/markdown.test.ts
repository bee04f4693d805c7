import { expect, it } from 'vitest';
import { htmlOf, slugOf, textOf } from '../../../src/developers/support/markdown.ts';

it('knows headings, paragraphs, lists, tables, code, links and strong words', () => {
  const html = htmlOf(
    [
      ...['# A **title**', '', 'One line', 'and another with `a < b` and [a link](/docs).', ''],
      ...['## Two words', '', '- one', '- two', '  goes on', '', '1. first', '', '| A | B |', '|---|---|'],
      ...['| `x` | 2 |', '', '```js', 'if (a < b) {', '', '  run();', '}', '```'],
    ].join('\n'),
    {},
  );
  expect(html).toBe(
    [
      '<h1>A <strong>title</strong></h1>',
      '<p>One line and another with <code>a &#60; b</code> and <a href="/docs">a link</a>.</p>',
      '<h2 id="two-words">Two words</h2>',
      '<ul>\n<li>one</li>\n<li>two goes on</li>\n</ul>',
      '<ol>\n<li>first</li>\n</ol>',
      '<div class="table" tabindex="0"><table><thead><tr><th scope="col">A</th><th scope="col">B</th></tr></thead><tbody>',
      '<tr><td><code>x</code></td><td>2</td></tr>',
      '</tbody></table></div>',
      '<pre class="code" id="code-6" tabindex="0"><code>if (a &#60; b) {\n\n  run();\n}</code></pre>',
    ].join('\n'),
  );
});

it('fills values in escaped, and never reads them as markup', () => {
  const values = { name: '<b>**x**</b> [y](/z) `c` {{name}}' };
  expect(htmlOf('It is {{name}}.', values)).toBe(
    '<p>It is &#60;b&#62;**x**&#60;/b&#62; [y](/z) `c` {{name}}.</p>',
  );
  expect(textOf('It is {{name}}.', { name: 'a' })).toBe('It is a.');
  expect(() => htmlOf('{{other}}', values)).toThrow('{{other}}');
});

it('makes no link of an address that could run', () => {
  expect(htmlOf('[x](javascript:alert(1)) [y](data:x)', {})).not.toContain('<a');
});

it('names headings by their words', () => {
  expect(slugOf('Keys: private_key_jwt')).toBe('keys-private-key-jwt');
});
