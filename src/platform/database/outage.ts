/**
 * Whether `error` says that PostgreSQL cannot be reached, has no connection or no disk left, or is going down.
 * The request may then be tried again, unlike after a fault of ours.
 */
export function databaseIsAway(error: unknown): boolean {
  for (let cause = error, depth = 0; isRecord(cause) && depth < 5; cause = cause.cause, depth += 1) {
    const { code, syscall, kind, message } = cause;
    if (typeof code === 'string' && (PRISMA_CODES.has(code) || SQL_STATES.test(code))) return true;
    if (syscall === 'connect' || code === 'ECONNRESET' || code === 'EPIPE') return true;
    if (typeof kind === 'string' && ADAPTER_KINDS.has(kind)) return true;
    if (typeof message === 'string' && POOL_MESSAGES.test(message)) return true;
  }
  return false;
}

/** Unreachable, timed out, connection closed, no connection in time, transaction not started in time, too many. */
const PRISMA_CODES = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2037']);

/** Connection exceptions (08), insufficient resources (53), operator intervention such as shutdown (57P). */
const SQL_STATES = /^(?:08[0-9A-Z]{3}|53[0-9A-Z]{3}|57P0[1-5])$/;

const ADAPTER_KINDS = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
]);

/** pg and its pool put these into words only. */
const POOL_MESSAGES =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
