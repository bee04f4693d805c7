/** A form as a browser without JavaScript sees it. */
export interface Form {
  readonly action: string;
  readonly method: 'get' | 'post';
  /** Fields by name with their current value; unchecked boxes are absent. */
  readonly fields: ReadonlyMap<string, string>;
  /** The name of the field that a label text belongs to. */
  readonly labels: ReadonlyMap<string, string>;
  readonly buttons: readonly Button[];
}

export interface Button {
  readonly text: string;
  readonly name: string | undefined;
  readonly value: string;
  readonly formAction: string | undefined;
}

export function formsOf(html: string): Form[] {
  return [...html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gis)].map(([, attributes = '', inside = '']) => {
    const { action = '', method } = attributesOf(attributes);
    return {
      action,
      method: method?.toLowerCase() === 'post' ? 'post' : 'get',
      fields: fieldsOf(inside),
      labels: labelsOf(inside),
      buttons: buttonsOf(inside),
    };
  });
}

/** Links by their visible text. */
export function linksOf(html: string): Map<string, string> {
  const links = [...html.matchAll(/<a\b([^>]*)>(.*?)<\/a>/gis)];
  return new Map(
    links.map(([, attributes = '', inside = '']) => [textOf(inside), attributesOf(attributes).href ?? '']),
  );
}

/** What a reader sees, white space collapsed. */
export function textOf(html: string): string {
  const visible = html
    .replaceAll(/<(script|style|head|template)\b.*?<\/\1>/gis, ' ')
    .replaceAll(/<[^>]+>/g, ' ');
  return unescaped(visible).replaceAll(/\s+/g, ' ').trim();
}

function fieldsOf(html: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [tag, kind = '', attributes = ''] of html.matchAll(/<(input|textarea|select)\b([^>]*)>/gi)) {
    const { name, value = '', type = 'text', checked, disabled } = attributesOf(attributes);
    if (!name || disabled !== undefined || ['submit', 'button', 'image'].includes(type)) continue;
    if (['checkbox', 'radio'].includes(type) && checked === undefined) continue;
    const after = html.slice(html.indexOf(tag) + tag.length);
    fields.set(
      name,
      kind.toLowerCase() === 'input'
        ? type === 'checkbox'
          ? value || 'on'
          : value
        : innerValue(kind, after),
    );
  }
  return fields;
}

function innerValue(kind: string, after: string): string {
  const inside = after.split(new RegExp(`</${kind}>`, 'i'), 1)[0] ?? '';
  if (kind.toLowerCase() === 'textarea') return unescaped(inside);
  const options = [...inside.matchAll(/<option\b([^>]*)>/gi)].map(([, attributes = '']) =>
    attributesOf(attributes),
  );
  return (options.find(({ selected }) => selected !== undefined) ?? options[0])?.value ?? '';
}

function labelsOf(html: string): Map<string, string> {
  const nameById = new Map<string, string>();
  for (const [, , attributes = ''] of html.matchAll(/<(input|textarea|select)\b([^>]*)>/gi)) {
    const { id, name } = attributesOf(attributes);
    if (id && name) nameById.set(id, name);
  }
  const labels = new Map<string, string>();
  for (const [, attributes = '', inside = ''] of html.matchAll(/<label\b([^>]*)>(.*?)<\/label>/gis)) {
    const within = /<(?:input|textarea|select)\b([^>]*)>/i.exec(inside)?.[1];
    const name = within ? attributesOf(within).name : nameById.get(attributesOf(attributes).for ?? '');
    if (name) labels.set(textOf(inside), name);
  }
  return labels;
}

function buttonsOf(html: string): Button[] {
  const buttons = [...html.matchAll(/<button\b([^>]*)>(.*?)<\/button>/gis)];
  return buttons
    .filter(([, attributes = '']) => (attributesOf(attributes).type ?? 'submit') === 'submit')
    .map(([, attributes = '', inside = '']) => {
      const { name, value = '', formaction } = attributesOf(attributes);
      return { text: textOf(inside), name, value, formAction: formaction };
    });
}

function attributesOf(text: string): Record<string, string> {
  const pairs = text.matchAll(/([\w:-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g);
  return Object.fromEntries(
    [...pairs].map(([, name = '', a, b, c]) => [name.toLowerCase(), unescaped(a ?? b ?? c ?? '')]),
  );
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function unescaped(text: string): string {
  return text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name.toLowerCase()] ?? whole;
  });
}
