import type { z } from 'zod';
import type { Clock } from './clock.ts';
import type { Database } from './database/client.ts';
import type { Logger } from './observability/logger.ts';
import type { Platform } from './platform.ts';

/**
 * Something operators decide while the server runs: a row, not a variable. The slice that reads a setting defines it;
 * `about` says in one sentence what it does, for the command line.
 */
export interface Setting<T> {
  /** Lower-case words joined by hyphens, with a dot after the subject: `sign-up.domains`. */
  readonly name: string;
  readonly schema: z.ZodType<T>;
  /** The value without a row. */
  readonly fallback: T;
  readonly about: string;
}

export function defineSetting<T>(setting: Setting<T>): Setting<T> {
  return setting;
}

/** The settings as of a second ago at most, whichever process changed them. */
export interface Settings {
  get<T>(setting: Setting<T>): T;
  /** Reads all rows again; the job `follow-settings` does so every second. */
  refresh(): Promise<void>;
}

export async function openSettings(db: Database, log: Logger): Promise<Settings> {
  let rows = new Map<string, unknown>();
  const parsed = new Map<string, unknown>();
  const settings: Settings = {
    get<T>(setting: Setting<T>): T {
      if (!parsed.has(setting.name)) parsed.set(setting.name, storedValue(setting, rows, log));
      return parsed.get(setting.name) as T;
    },
    async refresh() {
      const found = await db.setting.findMany({ select: { name: true, value: true } });
      const now = new Map<string, unknown>(found.map(({ name, value }) => [name, value]));
      if (sameRows(rows, now)) return;
      rows = now;
      parsed.clear();
    },
  };
  await settings.refresh();
  return settings;
}

/** Job: makes changes of other processes count here. */
export function followSettings({ settings }: Platform): Promise<void> {
  return settings.refresh();
}

/** Writes the row of a setting in the caller's transaction; audit/change-setting.ts records it. */
export async function writeSetting(
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  name: string,
  value: unknown,
): Promise<void> {
  const row = { value: value as object, updatedAt: clock.now() };
  await db.setting.upsert({ where: { name }, create: { name, ...row }, update: row });
}

/** A row that an older or newer release wrote and this one does not understand counts as missing. */
function storedValue<T>(setting: Setting<T>, rows: ReadonlyMap<string, unknown>, log: Logger): T {
  if (!rows.has(setting.name)) return setting.fallback;
  const result = setting.schema.safeParse(rows.get(setting.name));
  if (result.success) return result.data;
  log.warn({ setting: setting.name }, 'a setting has a value that is not understood; its default is used');
  return setting.fallback;
}

function sameRows(before: ReadonlyMap<string, unknown>, now: ReadonlyMap<string, unknown>): boolean {
  return JSON.stringify([...before].sort()) === JSON.stringify([...now].sort());
}
