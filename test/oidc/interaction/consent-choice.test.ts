import { describe, expect, it } from 'vitest';
import {
  type AskedScope,
  fieldOf,
  mayBeReadOnly,
  offerEnds,
  settleChoice,
  settleEnd,
} from '../../../src/oidc/interaction/consent-choice.ts';

const API = 'https://notes.example';

function scope(name: string, more: Partial<AskedScope> = {}): AskedScope {
  const kind = name.endsWith('write') ? 'write' : name.endsWith('admin') ? 'admin' : 'read';
  return {
    name,
    kind,
    sentence: name,
    isNew: true,
    optional: false,
    field: fieldOf(API, name),
    sensitive: false,
    ...more,
  };
}
const optional = (name: string) => scope(name, { optional: true });
const at = (...scopes: AskedScope[]) => [{ resource: API, name: 'Notes', organizationName: 'Acme', scopes }];

describe('what a person leaves out of a request', () => {
  const asked = at(scope('read'), optional('extra:read'), optional('write'), scope('admin'));
  it.each<[string, { readOnly?: boolean; ticked?: string[] }, string[], string[]]>([
    [
      'nothing, with every box ticked',
      { ticked: ['extra:read', 'write'] },
      ['read', 'extra:read', 'write', 'admin'],
      [],
    ],
    [
      'whatever is not ticked and optional',
      { ticked: ['write'] },
      ['read', 'write', 'admin'],
      ['extra:read'],
    ],
    ['everything optional', {}, ['read', 'admin'], ['extra:read', 'write']],
    [
      'what changes data, where reading is to be enough, ticked or not',
      { readOnly: true, ticked: ['extra:read', 'write'] },
      ['read', 'extra:read', 'admin'],
      ['write'],
    ],
  ])('%s', (_what, { readOnly = false, ticked = [] }, allowed, leftOut) => {
    const fields = new Set(ticked.map((name) => fieldOf(API, name)));
    const settled = settleChoice(['openid'], asked, { readOnly, ticked: fields });
    expect(settled.allowed).toEqual([
      { resource: '', scopes: ['openid'] },
      { resource: API, scopes: allowed },
    ]);
    expect(settled.leftOut).toEqual(leftOut.length > 0 ? [{ resource: API, scopes: leftOut }] : []);
  });

  it('may be all there is', () => {
    const settled = settleChoice([], at(optional('write')), { readOnly: false, ticked: new Set() });
    expect(settled.allowed).toEqual([]);
  });

  it('is not what another API’s box of the same name says', () => {
    const ticked = new Set([fieldOf('https://other.example', 'write')]);
    expect(settleChoice(['openid'], at(optional('write')), { readOnly: false, ticked }).leftOut).toEqual([
      { resource: API, scopes: ['write'] },
    ]);
  });
});

describe('read only', () => {
  it.each<[string, boolean, string[], AskedScope[]]>([
    ['where all that changes data is optional', true, [], [scope('read'), optional('write')]],
    ['where signing in is what is left', true, ['openid'], [optional('write'), optional('admin')]],
    [
      'not where something that changes data is needed',
      false,
      [],
      [scope('read'), optional('write'), scope('admin')],
    ],
    ['not where nothing changes data', false, ['openid'], [scope('read'), optional('extra:read')]],
    ['not where nothing would be left', false, [], [optional('write')]],
  ])('is offered %s', (_when, offered, identity, scopes) => {
    expect(mayBeReadOnly(identity, at(...scopes))).toBe(offered);
  });
});

describe('the ends that are offered', () => {
  const now = new Date('2026-11-20T12:00:00Z');
  const days = (count: number) => new Date(now.getTime() + count * 86_400_000);
  const until = (count: number) => ({ until: days(count), unusedSeconds: null });
  const unused = { until: null, unusedSeconds: 90 * 86_400 };
  const open = { until: null, unusedSeconds: null };

  it.each<[string, Parameters<typeof offerEnds>[1], Partial<ReturnType<typeof offerEnds>>]>([
    ['of basic scopes are all', { sensitive: false, standing: undefined, now }, { preset: 'unused-90-days' }],
    ['of sensitive ones are near', { sensitive: true, standing: undefined, now }, { preset: '90-days' }],
    ['may be the old one', { sensitive: false, standing: open, now }, { mayStay: true }],
    [
      'may be the old one where that is near',
      { sensitive: true, standing: until(90), now },
      { mayStay: true },
    ],
    [
      'are not the old one where that is far',
      { sensitive: true, standing: until(91), now },
      { mayStay: false },
    ],
    [
      'are not the old one where use moves it',
      { sensitive: true, standing: unused, now },
      { mayStay: false },
    ],
    ['are not the old one where there is none', { sensitive: true, standing: open, now }, { mayStay: false }],
  ])('%s', (_what, of, expected) => {
    expect(offerEnds('unused-90-days', of)).toMatchObject(expected);
  });

  it('are those a form can choose from, whatever it says', () => {
    const offered = offerEnds('until-removed', { sensitive: true, standing: open, now });
    expect(offered.choices).toEqual(['1-hour', '1-day', '30-days', '90-days']);
    expect(settleEnd(offered, 'until-removed')).toEqual({ choice: '90-days', keepEnd: false });
    expect(settleEnd(offered, 'as-before')).toEqual({ choice: '90-days', keepEnd: false });
    expect(settleEnd(offered, '1-day')).toEqual({ choice: '1-day', keepEnd: false });
    const standing = offerEnds('1-day', { sensitive: true, standing: until(3), now });
    expect(settleEnd(standing, 'as-before')).toEqual({ choice: '1-day', keepEnd: true });
  });
});
