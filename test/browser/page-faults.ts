/**
 * Runs in the page, so it stands alone: what makes this page hard to read or to use, one sentence per finding.
 * Titles, headings, labels, sizes, contrast (WCAG 2.2 AA) and overflow, as far as a program can tell.
 */
export function pageFaults(): string[] {
  const faults: string[] = [];
  const all = <E extends HTMLElement>(selector: string) =>
    [...document.querySelectorAll<E>(selector)].filter((element) => element.checkVisibility());
  const nameOf = (element: Element) => element.outerHTML.slice(0, 100);
  const isBox = (element: Element): element is HTMLInputElement =>
    element.matches('input[type=checkbox], input[type=radio]');
  const note = (element: Element, fault: string) => faults.push(`${fault}: ${nameOf(element)}`);

  if (!/^\S.* · Gatehouse$/.test(document.title)) faults.push(`a title that says little: ${document.title}`);
  if (document.documentElement.lang === '') faults.push('no language');
  for (const landmark of ['h1', 'main', 'header', 'footer'])
    if (all(landmark).length !== 1) faults.push(`${all(landmark).length} ${landmark}`);
  const levels = all('h1, h2, h3, h4').map(({ tagName }) => Number(tagName[1]));
  if (levels.some((level, i) => level > (levels[i - 1] ?? 1) + 1)) faults.push(`headings skip: ${levels}`);
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  if (new Set(ids).size !== ids.length) faults.push(`an id twice in: ${ids}`);
  if (document.querySelectorAll('[autofocus]').length > 1) faults.push('two things that want the focus');

  for (const input of all<HTMLInputElement>('input:not([type=hidden])')) {
    if (!input.labels?.[0]?.textContent?.trim()) note(input, 'no label');
    if (!input.autocomplete && !isBox(input)) note(input, 'no autocomplete');
    for (const id of input.getAttribute('aria-describedby')?.split(' ') ?? [])
      if (!document.getElementById(id)) note(input, `described by ${id}, which is not there`);
  }
  for (const target of all<HTMLElement>('button, .button, input:not([type=hidden]), summary')) {
    // A box is ticked by its label too.
    const area = isBox(target) ? (target.labels?.[0] ?? target) : target;
    if (area.getBoundingClientRect().height < 44) note(target, 'too low to hit');
  }
  for (const element of all<HTMLElement>('button, a, summary, h1, h2')) {
    if (!element.textContent?.trim()) note(element, 'no text');
    if (element.tabIndex > 0) note(element, 'out of its turn');
  }

  for (const text of all('p, li, h1, dd'))
    if (/\p{Ll}[.?]\p{Lu}/u.test(text.textContent ?? '')) note(text, 'two sentences without a space between');

  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) faults.push('wider than the screen');
  /** Inside something that scrolls by itself, such as a table or a program. */
  const scrollsInside = (element: Element): boolean => {
    const frame = element.parentElement;
    if (!frame || frame.matches('main')) return false;
    return /auto|scroll/.test(getComputedStyle(frame).overflowX) || scrollsInside(frame);
  };
  for (const element of all('main *')) {
    if (scrollsInside(element)) continue;
    const { left, right } = element.getBoundingClientRect();
    if (left < 0 || right > width + 0.5) note(element, 'sticks out');
  }

  const numbers = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color: string) => {
    const [r = 0, g = 0, b = 0] = numbers(color).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const probe = document.createElement('i');
  probe.style.backgroundColor = 'Canvas';
  document.body.append(probe);
  const canvas = getComputedStyle(probe).backgroundColor;
  probe.remove();
  const groundOf = (element: Element | null): string => {
    if (!element) return canvas;
    const color = getComputedStyle(element).backgroundColor;
    return numbers(color)[3] === 0 ? groundOf(element.parentElement) : color;
  };
  for (const element of all('body *')) {
    const ownText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
    if (!ownText) continue;
    const [light = 0, dark = 0] = [getComputedStyle(element).color, groundOf(element)]
      .map(luminance)
      .sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) note(element, `contrast ${contrast.toFixed(1)}`);
  }
  return faults;
}
