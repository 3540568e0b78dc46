import pino, { type DestinationStream, type Logger as PinoLogger } from 'pino';
import { currentLogFields } from './log-fields';
import { printable, redactText } from './redact';
import { currentTrace } from './trace-context';

/** pino's logger: `log.info({ job_id }, 'text')`, `log.child({ component: 'relay' })`. */
export type Logger = PinoLogger;

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LoggerOptions {
  readonly service: string;
  /** Default: `info`. */
  readonly level?: LogLevel;
  /** Tells two processes of one service apart. */
  readonly instance?: string;
  /** Default: standard output, written synchronously, so that the last line before a crash is not lost. */
  readonly destination?: DestinationStream;
}

/** What is handed to pino: plain data only, because pino reads getters and calls toJSON unguarded. */
function printableCall([first, ...rest]: readonly unknown[]): unknown[] {
  const texts = rest.map((arg) => (typeof arg === 'string' ? redactText(arg) : typeof arg === 'object' && arg !== null ? printable(arg) : arg));
  if (first instanceof Error) return [printable({ err: first }), ...(texts.length > 0 ? texts : [redactText(first.message)])];
  if (typeof first === 'object' && first !== null) return [printable(first), ...texts];
  return [typeof first === 'string' ? redactText(first) : String(first), ...texts];
}

/**
 * A logger that writes one JSON object per line: `level` (a word), `time` (ISO 8601, UTC), `service`, `instance`, `msg`, the caller's fields with
 * secrets masked, `trace_id` of the current trace, and the fields of `withLogFields`.
 */
export function createLogger({ service, level = 'info', instance, destination }: LoggerOptions): Logger {
  const logger = pino(
    {
      level,
      base: { service, instance },
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: () => printable({ trace_id: currentTrace()?.traceId, ...currentLogFields() }),
      // pino would print an error by itself, with every property it carries.
      serializers: { err: (shown: unknown) => shown },
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        logMethod(args, method) {
          method.apply(this, printableCall(args) as Parameters<typeof method>);
        },
      },
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
  // pino drops its bindings formatter in children; they inherit this method from the root, as do theirs.
  const makeChild = logger.child;
  logger.child = function child(this: Logger, bindings: object, ...options: unknown[]) {
    return Reflect.apply(makeChild, this, [printable(bindings), ...options]);
  } as typeof logger.child;
  return logger;
}
