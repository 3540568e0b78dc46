import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AccessModule, type Stores } from '@millrace/access';
import { createCatalog } from '@millrace/catalog';
import { FilesModule, type UploadSettings } from '@millrace/files';
import { type Logger, nestLogger } from '@millrace/telemetry';
import { ApiV2Module } from './api-v2.module';
import { ErrorFilter } from './http/error.filter';
import { createHttpAdapter } from './http/http-adapter';
import type { ApiSettings } from './settings';

export interface GatewayParts {
  readonly stores: Stores;
  readonly settings: ApiSettings;
  readonly uploads: UploadSettings;
  readonly log: Logger;
}

/** A day: browsers need not ask again before each call. */
const PREFLIGHT_S = 86_400;

@Module({})
class GatewayModule {
  static register({ stores, settings, uploads, log }: GatewayParts): DynamicModule {
    return {
      module: GatewayModule,
      imports: [AccessModule.register({ accounts: stores.accounts }), ApiV2Module.register({ stores, settings, log }), FilesModule.register({ stores, settings: uploads })],
    };
  }
}

/** The gateway as an application that is not listening yet. It closes the stores when it is shut down. */
export async function createGateway(parts: GatewayParts): Promise<NestFastifyApplication> {
  const { settings, log } = parts;
  const withContent = createCatalog({ faultEngine: settings.faultEngine })
    .operations()
    .flatMap(({ operation, content }) => (content === undefined ? [] : [`/v2/${operation}`]));
  const large = new Set(['/v2/jobs', ...withContent]);
  const { adapter, routes } = createHttpAdapter(settings.limits, (path) => large.has(path.replace(/\/$/, '')));
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.register(parts), adapter, { bodyParser: false, logger: nestLogger(log), abortOnError: false });
  app.useGlobalFilters(new ErrorFilter(log, routes));
  app.enableCors({ origin: '*', methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'], exposedHeaders: ['Location', 'ETag', 'Retry-After', 'Content-Range'], maxAge: PREFLIGHT_S });
  app.enableShutdownHooks();
  return app;
}
