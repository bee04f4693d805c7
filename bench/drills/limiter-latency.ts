import { parseArgs } from 'node:util';
import { lease } from '../../src/defense/limits/lease.ts';
import { spend } from '../../src/defense/limits/spend.ts';
import { conclude } from '../support/drill.ts';
import { newInstallation } from '../support/installation.ts';
import { percentile } from '../support/statistics.ts';

const MOST_MS = 2;

/**
 * How long a request waits for its limit: exact ones for their statement, leased ones for memory and now and then for a
 * share. Of a thousand keys by turns, one after the other; the 99th percentile is at most two milliseconds.
 * `node bench/drills/limiter-latency.ts [--samples N] [--json file]`
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { samples: { type: 'string', default: '10000' }, json: { type: 'string' } },
  });
  const samples = Number(values.samples);
  const began = performance.now();
  const installation = await newInstallation();
  const seen: Record<string, string> = {};
  const violations: string[] = [];
  try {
    await installation.startProcess();
    const platform = await installation.openPlatform();
    const kinds = {
      exact: (key: string) => spend(platform, 'sign-in', key),
      leased: async (key: string) => lease(platform, 'introspection', key),
    };
    for (const [kind, decide] of Object.entries(kinds)) {
      const times = await timesOf(samples, (number) => decide(`key ${number % 1_000}`));
      const [half, most] = [percentile(times, 0.5), percentile(times, 0.99)];
      seen[kind] = `p50 ${half.toFixed(3)} ms, p99 ${most.toFixed(3)} ms`;
      if (most > MOST_MS) violations.push(`${kind} limits take ${most.toFixed(1)} ms`);
    }
    await platform.close();
  } finally {
    await installation.close();
  }
  conclude({ name: 'limiter-latency', began, setting: { samples }, seen, violations, json: values.json });
}

async function timesOf(samples: number, decide: (number: number) => Promise<unknown>): Promise<number[]> {
  // Connections, plans and compiled code are there before anything counts.
  for (let number = 0; number < 500; number += 1) await decide(number);
  const times: number[] = [];
  for (let number = 0; number < samples; number += 1) {
    const began = performance.now();
    await decide(number);
    times.push(performance.now() - began);
  }
  return times;
}

await main();
