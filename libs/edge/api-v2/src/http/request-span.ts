import type { FastifyReply, FastifyRequest } from 'fastify';
import { joined, startSpan, type TraceContext } from '@millrace/telemetry';

/** Begins the span of a request, which ends with its answer, however that ends. Its name and route hold no id. Probes, which come each second, get none. */
export function requestSpan(request: FastifyRequest, reply: FastifyReply): TraceContext {
  const route = request.routeOptions.url;
  const parent = request.headers['traceparent'] as string | undefined;
  if (route?.startsWith('/health/')) return joined(parent);
  const span = startSpan(route === undefined ? request.method : `${request.method} ${route}`, {
    kind: 'server',
    parent,
    attributes: { 'http.request.method': request.method, 'http.route': route, 'url.scheme': request.protocol },
  });
  reply.raw.once('close', () => {
    const { statusCode, writableFinished } = reply.raw;
    span.set({ 'http.response.status_code': statusCode });
    if (statusCode >= 500 || !writableFinished) span.fail(writableFinished ? String(statusCode) : 'aborted');
    span.end();
  });
  return span.trace;
}
