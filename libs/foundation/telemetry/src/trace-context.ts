import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** One span of a W3C trace (https://www.w3.org/TR/trace-context/). */
export interface TraceContext {
  /** 32 lower-case hex digits, the same for the whole life of a job. */
  readonly traceId: string;
  /** 16 lower-case hex digits, of this span only. */
  readonly spanId: string;
  /** The header that hands this span on: `00-<traceId>-<spanId>-<flags>`. */
  readonly traceparent: string;
}

const FORMAT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const SAMPLED = '01';

const storage = new AsyncLocalStorage<TraceContext>();

const context = (traceId: string, spanId: string, flags: string): TraceContext => ({ traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` });

/** The span that a `traceparent` header names; undefined when the header is missing or malformed, which the standard says to ignore. */
export function parseTraceparent(header: string | undefined): TraceContext | undefined {
  const [, version, traceId, spanId, flags, rest] = FORMAT.exec(header ?? '') ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (/^0+$/.test(traceId!) || /^0+$/.test(spanId!)) return undefined;
  return context(traceId!, spanId!, flags!);
}

/** A trace that begins here, sampled. */
export const newTrace = (): TraceContext => context(randomBytes(16).toString('hex'), randomBytes(8).toString('hex'), SAMPLED);

/** A new span under the one that `traceparent` names, with its flags; a new trace when there is none. */
export function childOf(traceparent: string | undefined): TraceContext {
  const parent = parseTraceparent(traceparent);
  return parent === undefined ? newTrace() : context(parent.traceId, randomBytes(8).toString('hex'), parent.traceparent.slice(-2));
}

/** The span that `traceparent` names, to go on in it; a new trace when there is none. */
export const joined = (traceparent: string | null | undefined): TraceContext => parseTraceparent(traceparent ?? undefined) ?? newTrace();

/** Runs `fn` and everything it awaits inside `trace`. */
export const runWithTrace = <T>(trace: TraceContext, fn: () => T): T => storage.run(trace, fn);

/** The span this code runs in, if any. */
export const currentTrace = (): TraceContext | undefined => storage.getStore();
