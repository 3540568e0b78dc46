import { type Attributes, ROOT_CONTEXT, SpanKind as OtelKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { isFailure } from '@millrace/failures';
import type { SpanAttributes, SpanKind, SpanMaker } from './span';
import { parseTraceparent } from './trace-context';

const KINDS: Readonly<Record<SpanKind, OtelKind>> = { internal: OtelKind.INTERNAL, server: OtelKind.SERVER, client: OtelKind.CLIENT, producer: OtelKind.PRODUCER, consumer: OtelKind.CONSUMER };

const known = (attributes: SpanAttributes = {}): Attributes => Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));

/** By the conventions: a low number of values that group failures. */
const typeOf = (error: unknown): string => {
  if (typeof error === 'string') return error;
  return isFailure(error) ? error.code : error instanceof Error ? error.name : typeof error;
};

const hex = (flags: number): string => flags.toString(16).padStart(2, '0');

/** Spans of OpenTelemetry. Parents come from our own context, which also lives in the log; OpenTelemetry's context manager is not asked. */
export const otelSpans = (tracer: Tracer): SpanMaker => (name, { kind = 'internal', attributes, parent }) => {
  const around = parseTraceparent(parent ?? undefined);
  const within = around ? trace.setSpanContext(ROOT_CONTEXT, { traceId: around.traceId, spanId: around.spanId, traceFlags: parseInt(around.traceparent.slice(-2), 16), isRemote: true }) : ROOT_CONTEXT;
  const span = tracer.startSpan(name, { kind: KINDS[kind], attributes: known(attributes) }, within);
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    trace: { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${hex(traceFlags)}` },
    rename: (renamed) => void span.updateName(renamed),
    set: (more) => void span.setAttributes(known(more)),
    fail: (error) => void span.setAttribute('error.type', typeOf(error)).setStatus({ code: SpanStatusCode.ERROR }),
    end: () => span.end(),
  };
};
