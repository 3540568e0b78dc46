import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '@millrace/telemetry';
import { errorAnswer } from './error-body';
import type { RouteTable } from './route-table';

/** Seconds until a refused request is worth repeating. */
const RETRY_AFTER_S = '2';

/** Answers everything that is thrown in the shape of the contract, the framework's own errors too. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    private readonly log: Logger,
    private readonly routes: RouteTable,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { status, body, unexpected } = errorAnswer(error);
    if (unexpected) this.log.error({ err: error, method: request.method, path: request.url.split('?')[0] }, 'A request failed');
    else if (status >= 500) this.log.warn({ err: error }, 'A request was refused');
    if (reply.sent) return;
    const allowed = status === 404 ? this.routes.methodsOf(request.url) : [];
    if (status === 404 && allowed.length > 0 && !allowed.includes(request.method)) {
      void reply.code(405).header('Allow', allowed.join(', ')).send({ message: 'The method is not allowed here.', code: 'METHOD_NOT_ALLOWED' });
      return;
    }
    if (status === 503 || status === 429) reply.header('Retry-After', RETRY_AFTER_S);
    if (status === 401) reply.header('WWW-Authenticate', 'Bearer');
    reply.removeHeader('content-type');
    reply.removeHeader('content-length');
    // Fastify closes after a body that was refused; a client that is still sending it would see a reset in place of the answer. The body lingers.
    reply.removeHeader('connection');
    void reply.code(status).header('Content-Type', 'application/json').send(JSON.stringify(body));
  }
}
