import pino from 'pino';

/** What may be logged is listed here; anything else given to the log is dropped, not masked. */
export type Logger = pino.Logger;

export interface LogSettings {
  readonly level: string;
  /** Where lines go, one JSON object each: standard output for a server, standard error for a command. */
  readonly to?: pino.DestinationStream;
}

/** The only fields a line may carry, `err` besides. None of them can hold a token, code, cookie, password or query. */
const ALLOWED = new Set([
  'shed',
  'requestId',
  'method',
  'route',
  'status',
  'durationMs',
  'issuer',
  'port',
  'metricsPort',
  'job',
  'letter',
  'attempts',
  'migrations',
  'signal',
]);

export function openLogger({ level, to }: LogSettings): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: allowedFields },
    serializers: { err: (error) => error },
    hooks: {
      // One constant sentence and fields: an error's own message and format arguments could say anything.
      logMethod([first, second], method) {
        const fields: unknown = typeof first === 'string' ? {} : first;
        const sentence = typeof first === 'string' ? first : second;
        method.call(this, fields instanceof Error ? { err: fields } : fields, sentence ?? 'a fault');
      },
    },
  };
  return pino(options, to ?? pino.destination({ dest: 1, sync: true }));
}

function allowedFields(fields: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'err') kept.err = describeError(value);
    else if (ALLOWED.has(name) && isPlain(value)) kept[name] = value;
  }
  return kept;
}

function isPlain(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isPlain);
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

/** Errors whose messages are written by us, or by the language about our code. */
const OWN_WORDS = new Set(['StartupFault', 'SealBroken', 'TypeError', 'ReferenceError']);

/**
 * Name, code and stack frames of an error. Its message is left out unless the error is of ours or of the system:
 * drivers and parsers quote the input that they refused.
 */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const { code, syscall } = error as NodeJS.ErrnoException;
  const telling = syscall !== undefined || OWN_WORDS.has(error.name);
  return {
    name: error.name,
    code: typeof code === 'string' ? code : undefined,
    message: telling ? error.message : undefined,
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
