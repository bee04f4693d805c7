// Writes .env.example and docs/reference/configuration.md from the schema in src/config.ts.
import { mkdirSync, writeFileSync } from 'node:fs';
import { envExample, referencePage } from '../src/cli/config-reference.ts';

const root = new URL('../', import.meta.url);
mkdirSync(new URL('docs/reference/', root), { recursive: true });
writeFileSync(new URL('.env.example', root), envExample());
writeFileSync(new URL('docs/reference/configuration.md', root), referencePage());
