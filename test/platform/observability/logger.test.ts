import { describe, expect, it } from 'vitest';
import { StartupFault } from '../../../src/platform/errors.ts';
import { openLogger } from '../../../src/platform/observability/logger.ts';

function logged(write: (log: ReturnType<typeof openLogger>) => void): Record<string, unknown> {
  const lines: string[] = [];
  write(openLogger({ level: 'info', to: { write: (line) => void lines.push(line) } }));
  expect(lines).toHaveLength(1);
  return JSON.parse(String(lines[0]));
}

describe('the log', () => {
  it('carries the fields on its list', () => {
    const line = logged((log) => log.info({ requestId: 'r', status: 200, durationMs: 3 }, 'request'));
    expect(line).toMatchObject({ level: 'info', requestId: 'r', status: 200, durationMs: 3, msg: 'request' });
    expect(String(line.time)).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it.each<[string, object]>([
    ['an unknown field', { token: 'CANARY' }],
    ['headers', { headers: { authorization: 'CANARY', cookie: 'CANARY' } }],
    ['a request', { req: { url: '/?code=CANARY' } }],
    ['an object in a known field', { route: { toString: () => 'CANARY', deep: 'CANARY' } }],
    ['a list of objects in a known field', { migrations: [{ name: 'CANARY' }] }],
  ])('drops %s', (_, fields) => {
    const line = logged((log) => log.info(fields, 'x'));
    expect(JSON.stringify(line)).not.toContain('CANARY');
  });

  it('drops format arguments and the words of foreign errors', () => {
    expect(JSON.stringify(logged((log) => log.info('said %s', 'CANARY')))).not.toContain('CANARY');
    expect(JSON.stringify(logged((log) => log.error(new Error('CANARY'))))).not.toContain('CANARY');
    const nested = new Error('CANARY', { cause: new SyntaxError('CANARY') });
    expect(JSON.stringify(logged((log) => log.error({ err: nested })))).not.toContain('CANARY');
    expect(JSON.stringify(logged((log) => log.error({ err: 'CANARY' }, 'x')))).not.toContain('CANARY');
  });

  it('keeps what helps to find a fault', () => {
    const cause = Object.assign(new Error('no'), { code: '23505' });
    const line = logged((log) => log.error({ err: new StartupFault('The disk is full.', { cause }) }, 'x'));
    expect(line.err).toMatchObject({
      name: 'StartupFault',
      message: 'The disk is full.',
      cause: { name: 'Error', code: '23505' },
    });
    expect((line.err as { stack: string[] }).stack[0]).toMatch(/^at /);
  });
});
