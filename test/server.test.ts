import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../src/main.ts';
import { startTestServer } from './support/server.ts';
import { Visitor } from './support/visitor.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

describe('a running server', () => {
  it('answers its home page', async () => {
    const page = await new Visitor(server.url).open('/');
    expect(page.status).toBe(200);
  });
});
