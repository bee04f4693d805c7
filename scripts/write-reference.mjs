// Writes .env.example and docs/reference/configuration.md from the schema in src/config.ts, and
// docs/reference/settings.md from the catalogue in src/cli/settings-catalogue.ts.
import { mkdirSync, writeFileSync } from 'node:fs';
import { envExample, referencePage } from '../src/cli/config-reference.ts';
import { settingsPage } from '../src/cli/settings-reference.ts';

const root = new URL('../', import.meta.url);
mkdirSync(new URL('docs/reference/', root), { recursive: true });
writeFileSync(new URL('.env.example', root), envExample());
writeFileSync(new URL('docs/reference/configuration.md', root), referencePage());
writeFileSync(new URL('docs/reference/settings.md', root), settingsPage());
