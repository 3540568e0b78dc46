import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Hosts, setHost } from '@millrace/access';
import { runWithTrace } from '@millrace/telemetry';
import { answerClientError } from './client-error';
import { errorAnswer } from './error-body';
import { classicHeaderNames } from './header-case';
import { type BodyLimits, JsonBodies, type MayBeLarge } from './json-body';
import { LargeBodies } from './large-bodies';
import { acceptNoBody } from './no-body';
import { requestSpan } from './request-span';
import { RouteTable } from './route-table';
import { SERVER_TIMES } from './server-times';
import { SyncPath } from './sync-path';

export interface HttpAdapter {
  readonly adapter: FastifyAdapter;
  readonly routes: RouteTable;
}

/**
 * Fastify as this API needs it: JSON read with bounds, multipart left to its reader, headers spelled the classic way, no time-out on answers,
 * every request inside its trace.
 */
export function createHttpAdapter(limits: BodyLimits, mayBeLarge: MayBeLarge, hosts: Hosts): HttpAdapter {
  const syncPath = new SyncPath();
  const adapter = new FastifyAdapter({
    logger: false,
    rewriteUrl: (request: IncomingMessage) => syncPath.rewrite(request),
    requestTimeout: SERVER_TIMES.requestTimeout,
    connectionTimeout: 0,
    keepAliveTimeout: SERVER_TIMES.keepAliveTimeout,
    forceCloseConnections: 'idle',
    http: SERVER_TIMES,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1_024 },
    clientErrorHandler: answerClientError,
    frameworkErrors: ((error: unknown, _: unknown, reply: FastifyReply) => {
      const { status, body } = errorAnswer(error);
      void reply.code(status).header('Content-Type', 'application/json').send(JSON.stringify(body));
    }) as never,
  });
  // Nest brings a Fastify of its own; the types of both are the same in what is used here.
  const instance = adapter.getInstance() as unknown as FastifyInstance;
  const routes = new RouteTable();
  routes.watch(instance);
  const bodies = new JsonBodies(limits, new LargeBodies(limits.largeBodies), mayBeLarge);
  const replies = new WeakMap<FastifyRequest, FastifyReply>();
  instance.addHook('onRequest', (request, reply, done) => {
    classicHeaderNames(reply.raw);
    replies.set(request, reply);
    const host = hosts.of(request.raw);
    setHost(request, syncPath.has(request.raw) ? { ...host, role: 'sync' } : host);
    runWithTrace(requestSpan(request, reply), done);
  });
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser(/^application\/json\s*(?:;|$)/i, (request: FastifyRequest, payload: IncomingMessage) =>
    bodies.read(request, payload, replies.get(request)!),
  );
  instance.addContentTypeParser(/^multipart\/form-data\s*(?:;|$)/i, (_, __, done) => done(null));
  acceptNoBody(instance);
  return { adapter, routes };
}
