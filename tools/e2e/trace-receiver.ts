import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A span as the receiver keeps it. */
export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentSpanId: string;
  /** As OTLP numbers them: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  /** Ms since the epoch. */
  readonly startedAt: number;
  readonly ms: number;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number | string; readonly boolValue?: boolean; readonly doubleValue?: number };
}

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly OtlpAttribute[];
  readonly status?: { readonly code?: number };
}

interface OtlpTraces {
  readonly resourceSpans?: readonly { readonly resource: { readonly attributes: readonly OtlpAttribute[] }; readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[] }[];
}

const FAILED = 2;
const NANOS = 1_000_000;

const plain = (attributes: readonly OtlpAttribute[] = []): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value: { stringValue, intValue, boolValue, doubleValue } }) => [key, stringValue ?? boolValue ?? doubleValue ?? Number(intValue)]));

const spansOf = ({ resourceSpans = [] }: OtlpTraces): ReceivedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(plain(resource.attributes)['service.name']);
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => received(service, span)));
  });

const received = (service: string, { traceId, spanId, parentSpanId = '', name, kind, startTimeUnixNano, endTimeUnixNano, attributes, status }: OtlpSpan): ReceivedSpan => ({
  service,
  name,
  traceId,
  spanId,
  parentSpanId,
  kind,
  startedAt: Number(startTimeUnixNano) / NANOS,
  ms: Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / NANOS,
  failed: status?.code === FAILED,
  attributes: plain(attributes),
});

/** A collector of traces that takes OTLP over HTTP as JSON and remembers all. */
export class TraceReceiver {
  readonly spans: ReceivedSpan[] = [];

  private constructor(
    private readonly server: Server,
    /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
    readonly url: string,
  ) {}

  static async start(): Promise<TraceReceiver> {
    const server = createServer((request, response) => {
      json(request).then(
        (body) => {
          receiver.spans.push(...spansOf(body as OtlpTraces));
          response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
        },
        () => response.writeHead(400).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const receiver = new TraceReceiver(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return receiver;
  }

  ofTrace(traceId: string): ReceivedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** The spans as a tree, one a line: when each began after the first one, how long it took, both in ms. */
export function printTree(spans: readonly ReceivedSpan[]): string {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const first = Math.min(...spans.map(({ startedAt }) => startedAt));
  const below = (parent: ReceivedSpan | undefined, depth: number): string[] =>
    spans
      .filter(({ parentSpanId }) => (parent ? parentSpanId === parent.spanId : !known.has(parentSpanId)))
      .sort((a, b) => a.startedAt - b.startedAt)
      .flatMap((span) => [line(span, first, depth), ...below(span, depth + 1)]);
  return below(undefined, 0).join('\n');
}

const SHOWN = ['millrace.operation', 'millrace.engine.name', 'millrace.event.type', 'process.executable.name', 'process.exit.code', 'http.response.status_code'];

function line({ service, name, startedAt, ms, attributes }: ReceivedSpan, first: number, depth: number): string {
  const about = SHOWN.flatMap((key) => (attributes[key] === undefined ? [] : [String(attributes[key])])).join(' ');
  const time = `${(startedAt - first).toFixed(0).padStart(6)} ${ms.toFixed(1).padStart(8)}`;
  return `${time}  ${'  '.repeat(depth)}${name}  [${service}]${about && `  ${about}`}`;
}
