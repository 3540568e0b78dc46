import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Anybody, type Stores } from '@millrace/access';
import { requireSchema } from '@millrace/database';
import { failureOf } from '@millrace/failures';
import { STORES } from './tokens';

@Controller('health')
@Anybody()
export class HealthController {
  constructor(@Inject(STORES) private readonly stores: Pick<Stores, 'database' | 'bus'>) {}

  @Get('live')
  live(): object {
    return { status: 'live' };
  }

  /** 200 when Postgres answers with the schema of this version. NATS is told but not needed: jobs are accepted without. */
  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const nats = this.stores.bus.connected ? 'connected' : 'disconnected';
    try {
      await requireSchema(this.stores.database.kysely as never);
      return { status: 'ready', postgres: 'connected', nats };
    } catch (error) {
      reply.code(503).header('Retry-After', '2');
      return { status: 'unready', postgres: failureOf(error).publicMessage, nats };
    }
  }
}
