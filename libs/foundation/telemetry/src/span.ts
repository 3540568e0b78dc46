import { childOf, currentTrace, parseTraceparent, runWithTrace, type TraceContext } from './trace-context';

/** `server` and `client` for the two sides of a request, `producer` and `consumer` for those of a message. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** Few and small; never content, arguments of programs or secrets. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanOptions {
  /** Default: `internal`. */
  readonly kind?: SpanKind;
  readonly attributes?: SpanAttributes;
  /** The `traceparent` of the span around it. Default: the current one. */
  readonly parent?: string | null;
}

/** A span under way. */
export interface Span {
  readonly trace: TraceContext;
  rename(name: string): void;
  set(attributes: SpanAttributes): void;
  /** Marks it as failed: by a word of its own, or by the code or type of an error, never by a message, which may name what customers sent. */
  fail(error: unknown): void;
  end(): void;
}

/** Makes the spans of a process that traces. */
export type SpanMaker = (name: string, options: SpanOptions) => Span;

const nothing = (trace: TraceContext): Span => ({ trace, rename: () => undefined, set: () => undefined, fail: () => undefined, end: () => undefined });

let make: SpanMaker | undefined;

/** Replaces what makes spans; without one, spans are but ids that travel on. */
export function useSpanMaker(maker: SpanMaker | undefined): void {
  make = maker;
}

/** Begins a span, for what no single function does; the caller ends it. Without a parent it begins a trace. */
export function startSpan(name: string, options: SpanOptions = {}): Span {
  const parent = options.parent ?? currentTrace()?.traceparent;
  return make ? make(name, { ...options, parent }) : nothing(childOf(parent));
}

/** Runs `work` inside a span that ends with it and tells its failure. Outside of any trace there is no span: what belongs to no request is not traced. */
export async function inSpan<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  const around = parseTraceparent(options.parent ?? undefined) ?? currentTrace();
  if (!around) return work(nothing(childOf(undefined)));
  if (!make) return runWithTrace(around, () => work(nothing(around)));
  const span = make(name, { ...options, parent: around.traceparent });
  try {
    return await runWithTrace(span.trace, () => work(span));
  } catch (error) {
    span.fail(error);
    throw error;
  } finally {
    span.end();
  }
}
