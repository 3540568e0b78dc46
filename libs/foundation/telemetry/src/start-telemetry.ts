import { tracesWanted } from '@millrace/config';
import { useSpanMaker } from './span';

export interface TelemetrySettings {
  readonly service: string;
  readonly instance?: string;
}

/** How long a process that ends waits for a collector, ms. */
const FLUSH_MS = 2_000;

let stop: (() => Promise<void>) | undefined;

/**
 * Starts OpenTelemetry as the standard OTEL_* variables say. When none asks for it, nothing of its SDK is loaded: that would cost some 20 MB and 0.1 s.
 * Call it once, first of all.
 */
export function startTelemetry({ service, instance }: TelemetrySettings): void {
  if (!tracesWanted()) return;
  // Loaded here, not imported above, so that a process that does not trace does not pay for it.
  const { NodeSDK, resources, api } = require('@opentelemetry/sdk-node') as typeof import('@opentelemetry/sdk-node');
  const { otelSpans } = require('./otel-spans') as typeof import('./otel-spans');
  const sdk = new NodeSDK({
    serviceName: service,
    resource: resources.resourceFromAttributes({ 'service.namespace': 'millrace', ...(instance !== undefined && { 'service.instance.id': `${service}-${instance}` }) }),
    // Not the one of the process: command lines belong to nobody else.
    resourceDetectors: [resources.envDetector, resources.hostDetector],
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  useSpanMaker(otelSpans(api.trace.getTracer('millrace')));
  stop = () => sdk.shutdown();
}

/** Sends what is still held back; last of all. A collector that is away delays the end of the process by two seconds at most. */
export async function stopTelemetry(): Promise<void> {
  const sending = stop?.();
  stop = undefined;
  if (!sending) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, FLUSH_MS)));
  // Telemetry that cannot be sent is lost by design; OpenTelemetry itself says why at OTEL_LOG_LEVEL=error.
  await Promise.race([sending.catch(() => undefined), late]).finally(() => clearTimeout(timer));
}
