import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parser } from '@prometheus-io/lezer-promql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { AUDIT_ACTIONS } from '../../src/audit/events.ts';
import type { RunningServer } from '../../src/main.ts';
import { startTestServer } from '../support/server.ts';

const read = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../deploy/observability/${name}`, import.meta.url)), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

const { groups } = parse(read('alert-rules.yml')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const { panels } = JSON.parse(read('grafana-dashboard.json')) as { panels: Panel[] };
const expressions = [
  ...rules.map(({ alert, expr }) => ({ of: alert, expr })),
  ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ of: title, expr }))),
];

/** The selectors of a PromQL expression: the metric, and the labels it is asked for by. Throws where it does not parse. */
function selectorsIn(expr: string): { metric: string; labels: string[] }[] {
  const found: { metric: string; labels: string[] }[] = [];
  parser.parse(expr).iterate({
    enter({ name, type, from, to }) {
      if (type.isError) throw new Error(`${expr} does not parse at ${from}`);
      if (name === 'VectorSelector') found.push({ metric: '', labels: [] });
      const last = found.at(-1);
      if (name === 'Identifier' && last?.metric === '') last.metric = expr.slice(from, to);
      if (name === 'LabelName' && last) last.labels.push(expr.slice(from, to));
    },
  });
  return found;
}

let server: RunningServer;
const known = new Map<string, string[]>();
beforeAll(async () => {
  server = await startTestServer();
  server.platform.metrics.watchProcess();
  for (const metric of await server.platform.metrics.registry.getMetricsAsArray()) {
    const { name, type, labelNames = [] } = metric as unknown as Described;
    const suffixes = type === 'histogram' ? ['_bucket', '_count', '_sum'] : [''];
    for (const suffix of suffixes) known.set(name + suffix, [...labelNames, 'le']);
  }
  // What Prometheus itself knows of each target.
  known.set('up', []);
});
afterAll(() => server.stop());

interface Described {
  readonly name: string;
  readonly type: string;
  readonly labelNames?: string[];
}

const OF_EVERY_TARGET = ['job', 'instance'];

describe('the rules and the dashboard for operators', () => {
  it.each(expressions)('ask for what the server measures: $of', ({ expr }) => {
    const selectors = selectorsIn(expr);
    expect(selectors.length).toBeGreaterThan(0);
    for (const { metric, labels } of selectors) {
      expect([...known.keys()]).toContain(metric);
      const asked = labels.filter((label) => !OF_EVERY_TARGET.includes(label));
      expect([metric, asked.filter((label) => !known.get(metric)?.includes(label))]).toEqual([metric, []]);
    }
  });

  it('name audit events that exist', () => {
    const named = expressions.flatMap(({ expr }) =>
      [...expr.matchAll(/action="([^"]+)"/g)].map(([, one]) => one),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((action) => !AUDIT_ACTIONS.includes(action as never))).toEqual([]);
  });

  it('say of each alert what happened and where to look', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { labels, annotations } of rules) {
      expect(['page', 'ticket']).toContain(labels.severity);
      expect(annotations.summary).toMatch(/^[A-Z]/);
      expect(annotations.description).toMatch(/\.$/);
    }
  });

  it('are loaded by the configuration that comes with them', () => {
    expect(parse(read('prometheus.yml'))).toMatchObject({
      rule_files: ['alert-rules.yml'],
      scrape_configs: [{ job_name: 'gatehouse' }],
    });
  });

  it('lay no panel over another', () => {
    const taken = new Set<string>();
    for (const { gridPos } of panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        const cell = `${x} ${gridPos.y}`;
        expect(taken.has(cell)).toBe(false);
        taken.add(cell);
      }
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    }
  });

  it('cannot be mistaken for right where they are wrong', () => {
    expect(() => selectorsIn('sum(rate(up[5m])')).toThrow();
    expect(selectorsIn('a{b="c"} / d')).toEqual([
      { metric: 'a', labels: ['b'] },
      { metric: 'd', labels: [] },
    ]);
  });
});
