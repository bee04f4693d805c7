import { notesOf, SCHEMA, type VariableName } from '../config.ts';

const NAMES = Object.keys(SCHEMA.shape) as VariableName[];
const WIDTH = 100;

/** The content of `.env.example`: every variable, commented out, under its description. */
export function envExample(): string {
  const blocks = NAMES.map((name) => {
    const { description, secret, example } = notesOf(name);
    const lines = wrapped(
      secret ? `${description} Or put it in a file and name that in ${name}_FILE.` : description,
    );
    return [...lines.map((line) => `# ${line}`), `#${name}=${example}`].join('\n');
  });
  const head = wrapped(
    'Every variable that Gatehouse reads. None has to be set to try it on your own machine.',
  );
  return `${[head.map((line) => `# ${line}`).join('\n'), ...blocks].join('\n\n')}\n`;
}

/** The content of `docs/reference/configuration.md`. */
export function referencePage(): string {
  const rows = NAMES.map((name) => {
    const { description, default: fallback, neededInProduction, secret } = notesOf(name);
    const names = secret ? `\`${name}\`, \`${name}_FILE\`` : `\`${name}\``;
    const usual = fallback ? `\`${fallback}\`` : neededInProduction ? 'none; needed in production' : 'none';
    return `| ${names} | ${usual} | ${description.replaceAll('|', '\\|')} |`;
  });
  return `# Configuration

Gatehouse is configured by environment variables, read once at start. An empty variable counts as not set.
All faults are reported at once, and the process ends with exit code 78. \`npm run --silent gatehouse -- config check\`
looks for faults without starting anything, \`config print\` shows what is understood, with secrets masked.

\`ISSUER_URL\` decides between development and production: a loopback address is development, everything else is
production. Every secret may be kept in a file instead, named by the variable with \`_FILE\` at its end.

| variable | default | meaning |
|---|---|---|
${rows.join('\n')}
`;
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + 1 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
