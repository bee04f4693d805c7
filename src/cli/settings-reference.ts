import { SETTINGS } from './settings-catalogue.ts';

/** The content of `docs/reference/settings.md`. */
export function settingsPage(): string {
  const rows = SETTINGS.map(
    ({ name, fallback, about }) =>
      `| \`${name}\` | \`${JSON.stringify(fallback)}\` | ${about.replaceAll('|', '\\|')} |`,
  );
  return `# Settings

What operators decide while the server runs: rows in the database, in force in every process within a second, each
change on record. \`npm run --silent gatehouse -- settings list\` shows them, \`settings show <name>\` explains one,
\`settings set <name> <value>\` changes it. A value is a word, true or false, a number, words separated by commas, or JSON.

| setting | default | meaning |
|---|---|---|
${rows.join('\n')}
`;
}
