import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Counted, judge } from '../../../src/defense/rules/judge.ts';
import type { Rule } from '../../../src/defense/rules/rule.ts';
import { RULE_NAMES, RULES, type RuleName, rulesAbout } from '../../../src/defense/rules/rules.ts';
import { wordsOf } from '../../../src/defense/rules/words.ts';
import { SIGNALS } from '../../../src/defense/signals/catalogue.ts';

const rules: readonly (readonly [RuleName, Rule])[] = RULE_NAMES.map((name) => [name, RULES[name]]);
const texts = JSON.parse(readFileSync(new URL('../../../locales/en/rules.json', import.meta.url), 'utf8'));

/** Exactly what a rule asks for. */
function enough(name: RuleName): Counted {
  const { subject: kind, times, distinct = 0, share, unrelated, organizations = 0 }: Rule = RULES[name];
  const of = share ? Math.floor(times / share.atLeast) : 0;
  const { accounts = 0, networks = 0 } = unrelated ?? {};
  return {
    rule: name,
    subject: { kind, id: 'somebody' },
    times,
    distinct,
    of,
    accounts,
    networks,
    organizations,
  };
}

describe('the rules', () => {
  it.each(rules)('%s is fulfilled by exactly what it asks for, and by nothing less', (name, rule) => {
    const counted = enough(name);
    expect(judge([counted])).toEqual([{ ...counted, act: rule.pauses ? 'suspend' : 'alert' }]);
    const asked = ['times', 'distinct', 'accounts', 'networks', 'organizations'] as const;
    for (const what of asked.filter((one) => counted[one] > 0))
      expect(judge([{ ...counted, [what]: counted[what] - 1 }])).toEqual([]);
    if (rule.share) expect(judge([{ ...counted, of: counted.of * 2 }])).toEqual([]);
  });

  it.each(rules)('%s says what happened and what to fix, without a number', (name) => {
    const { cause, fix } = wordsOf(name);
    for (const key of [cause, fix]) expect(texts[key]).toMatch(/^[A-Za-z_][^0-9]{20,400}\.$/u);
  });

  it.each(rules)('%s counts distinct others only where the catalogue tells them apart', (_name, rule) => {
    if (rule.distinct !== undefined)
      for (const signal of rule.signals) expect(SIGNALS[signal]).toHaveProperty('members');
  });

  it.each(rules)('%s pauses what was proven and nothing wider', (_name, rule) => {
    if (rule.proof === 'address' || rule.proof === 'passed-on') expect(rule.pauses).toBeUndefined();
    if (rule.proof === 'token' && rule.pauses) expect(['grant', 'account']).toContain(rule.pauses);
    if (rule.pauses) expect(rule.pauses).toBe(rule.subject);
    if (rule.pauses === 'client' && rule.proof === 'many-tokens') {
      expect(rule.unrelated?.accounts).toBeGreaterThanOrEqual(20);
      expect(rule.unrelated?.networks).toBeGreaterThanOrEqual(5);
    }
    if (rule.pauses === 'client' && rule.proof === 'reports')
      expect(rule.organizations).toBeGreaterThanOrEqual(3);
  });

  it('pause organizations, APIs and networks never', () => {
    const paused = new Set(rules.map(([, { pauses }]) => pauses));
    expect(paused).toEqual(new Set(['client', 'access', 'grant', 'account', undefined]));
  });

  it('are found by whom and what they look at', () => {
    expect(rulesAbout('client', new Set(['code-replay', 'calls']))).toEqual(['codes-replayed']);
    expect(rulesAbout('address', new Set(['code-replay']))).toEqual([]);
  });
});

describe('the reference of the watch', () => {
  const reference = readFileSync(new URL('../../../docs/reference/watch.md', import.meta.url), 'utf8');

  it('has every signal and every rule, as they are', () => {
    for (const [name, signal] of Object.entries(SIGNALS)) {
      const apart = 'members' in signal ? signal.members : '';
      expect(reference).toContain(`| \`${name}\` | ${signal.words} | ${apart} |`);
    }
    for (const [name, { subject, pauses }] of rules) {
      const atMost = pauses ? `pauses the ${pauses}` : 'an alert';
      expect(reference).toContain(`| \`${name}\` | ${subject} | ${atMost} | ${texts[wordsOf(name).cause]} |`);
    }
  });
});
