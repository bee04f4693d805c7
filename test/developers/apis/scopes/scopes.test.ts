import { expect, it } from 'vitest';
import { newScope } from '../../../../src/developers/apis/scopes/scopes.ts';

it.each([
  ['notes:read', 'read'],
  ['notes:write', 'write'],
  ['notes:admin', 'admin'],
  ['notes', 'read'],
  ['write', 'read'],
  ['notes:writer', 'read'],
  ['notes:write:all', 'read'],
  ['https://api.example.com/notes:write', 'write'],
])('the scope %s is of kind %s, basic and required', (name, kind) => {
  expect(newScope(name, 'Read your notes')).toEqual({
    ok: true,
    scope: { name, description: 'Read your notes', kind, sensitivity: 'basic', optional: false },
  });
});

it.each([
  '',
  ' ',
  'a b',
  'a"b',
  'a\\b',
  'é',
  'a\nb',
  ':read',
  '-x',
  'a,b',
  'a*b',
  'x'.repeat(101),
  '__proto__',
])('%j is no name for a scope', (name) => {
  expect(newScope(name, 'Read your notes')).toMatchObject({ ok: false });
});

it.each(['openid', 'profile', 'email', 'offline_access', 'address', 'phone'])(
  'no API may define %s, which is about the person',
  (name) => {
    expect(newScope(name, 'Everything')).toMatchObject({
      ok: false,
      sentence: expect.stringContaining(name),
    });
  },
);

it.each(['', '  ', 'Read\u202eyour notes', 'x'.repeat(121)])(
  '%j does not describe a scope',
  (description) => {
    expect(newScope('notes:read', description)).toMatchObject({ ok: false });
  },
);
