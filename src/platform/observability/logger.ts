import pino from 'pino';

/** What may be logged is listed here; anything else given to the log is dropped, not masked. */
export type Logger = pino.Logger;

export interface LogSettings {
  readonly level: string;
  /** Where lines go, one JSON object each: standard output for a server, standard error for a command. */
  readonly to?: pino.DestinationStream;
}

/** The only fields a line may carry. None of them can hold a token, code, cookie, password or query string. */
const ALLOWED = new Set([
  'requestId',
  'method',
  'path',
  'status',
  'durationMs',
  'address',
  'job',
  'kid',
  'clientId',
  'url',
  'port',
  'metricsPort',
  'attempts',
  'count',
  'migrations',
  'reason',
  'kind',
  'signal',
]);

export function openLogger({ level, to }: LogSettings): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: allowedFields },
    serializers: { err: (error) => error },
  };
  return pino(options, to ?? pino.destination({ dest: 1, sync: true }));
}

function allowedFields(fields: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'err') kept.err = describeError(value);
    else if (ALLOWED.has(name) && isPlain(value)) kept[name] = name === 'path' ? pathAlone(value) : value;
  }
  return kept;
}

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isPlain);
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function pathAlone(value: unknown): unknown {
  return typeof value === 'string' ? value.split(/[?#]/, 1)[0] : undefined;
}

/**
 * Name, code and stack frames of an error. Its message is left out unless the error is of ours or of the system:
 * drivers and parsers quote the input that they refused.
 */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const { code, syscall } = error as NodeJS.ErrnoException;
  const ours = error.name === 'StartupFault' || error.name === 'SealBroken' || syscall !== undefined;
  return {
    name: error.name,
    code: typeof code === 'string' ? code : undefined,
    message: ours ? error.message : undefined,
    stack: framesOf(error),
    cause: error.cause === undefined ? undefined : describeError(error.cause),
  };
}

function framesOf({ stack }: Error): string[] {
  return (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .map((line) => line.trim());
}
