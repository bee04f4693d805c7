import { describe, expect, it } from 'vitest';
import { readPath } from '../../../src/developers/apis/gateway/request-path.ts';

/** What attackers send where gateway and server read paths differently. Each is refused whatever an API lists. */
const HOSTILE = [
  ...['', 'notes', '*', 'http://notes.example/notes', '//notes', '/notes//17', '/notes//', '///'],
  ...['/.', '/..', '/./notes', '/notes/.', '/notes/..', '/notes/../admin', '/notes/./17', '/../admin'],
  ...['/%2e', '/%2e%2e', '/%2E%2e/admin', '/notes/%2e%2e/admin', '/notes/.%2e/admin', '/.%2E/', '/notes%2e'],
  ...[
    '/notes/..;/admin',
    '/notes;x=1',
    '/notes;/17',
    '/;/admin',
    '/notes%3b/17',
    '/notes%3Bx',
    '/admin;.css',
  ],
  ...[
    '/notes%2f17',
    '/notes%2F..%2Fadmin',
    '/notes/%2f',
    '/%2fnotes',
    '/notes%5c17',
    '/notes\\17',
    '/..\\admin',
  ],
  ...['/notes%00', '/notes%00.json', '/%00', '/notes%0a', '/notes%0d%0aX-A:b', '/notes%09', '/notes%7f'],
  ...['/notes%252f17', '/%252e%252e/admin', '/notes%25', '/notes%', '/notes%2', '/notes%zz', '/notes%u0041'],
  ...['/%61dmin', '/adm%69n', '/%4eotes', '/notes/%31', '/a%2db', '/a%5fb', '/notes%2Ejson'],
  ...['/notes%3f', '/notes%3Fx=1', '/notes%23', '/notes#', '/notes#/../admin', '/#'],
  ...['/notes%c0%af', '/%c0%ae%c0%ae/admin', '/notes%ff', '/notes%ed%a0%80', '/notes%e0%80%af'],
  ...['/notes%20', '/%20notes', '/notes.', '/notes./17', '/notes%c2%a0', '/notes%e3%80%80/17'],
  ...['/ad%c2%admin', '/ad%e2%80%8bmin', '/%e2%80%aeadmin', '/%ef%bb%bfadmin', '/ad%e2%81%a0min'],
  ...[
    '/%ef%bc%8e%ef%bc%8e/admin',
    '/notes%ef%bc%8f17',
    '/notes%ef%bc%9bx',
    '/notes%ef%bc%85',
    '/%e2%80%a5/admin',
  ],
  ...['/no tes', '/nötes', '/notes\t', '/notes\n', '/notes\0', `/${'a'.repeat(9_000)}`],
];

describe('a path as a gateway hands it over', () => {
  it('is refused where two servers could read it differently', () => {
    expect(HOSTILE.length).toBeGreaterThanOrEqual(60);
    expect(HOSTILE.filter((target) => readPath(target).ok)).toEqual([]);
  });

  it('is read where there is one way to read it, without its query', () => {
    const sound: [string, string[]][] = [
      ['/', ['']],
      ['/notes', ['notes']],
      ['/notes/', ['notes', '']],
      ['/notes/17?x=../../admin%2f;a#', ['notes', '17']],
      ['/notes?', ['notes']],
      ['/v1/people/%C3%A4nne%20li', ['v1', 'people', 'änne li']],
      ["/notes/a.b-c_d~e!$&'()*+,=:@", ['notes', "a.b-c_d~e!$&'()*+,=:@"]],
      ['/notes/%7Eann', ['notes', '~ann']],
      ['/.well-known/x', ['.well-known', 'x']],
    ];
    for (const [target, segments] of sound) expect(readPath(target)).toEqual({ ok: true, segments });
  });

  it('is refused with a sentence that may stand in a header', () => {
    for (const target of HOSTILE) {
      const read = readPath(target);
      expect(read.ok ? '' : read.sentence).toMatch(/^The path [\x20-\x7e]+, so it is refused\.$/);
    }
  });
});
