import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it.each(['notes-app', 'calendar-api'])('the example %s is a program of under 150 lines', (name) => {
  const folder = new URL(`../../examples/${name}/`, import.meta.url);
  const files = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));
  const lines = files.join('').trimEnd().split('\n');
  expect(lines.length).toBeLessThan(150);
});

it.each(['notes-app', 'calendar-api'])('the example %s uses nothing of the server', (name) => {
  const folder = new URL(`../../examples/${name}/`, import.meta.url);
  for (const file of readdirSync(folder)) {
    expect(readFileSync(new URL(file, folder), 'utf8')).not.toMatch(/from '\.\.|src\//);
  }
});
