import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AccessModule, KeyCache, requireKey, type Stores } from '@millrace/access';
import { createCatalog } from '@millrace/catalog';
import { type Logger, nestLogger } from '@millrace/telemetry';
import { ApiV2Module } from './api-v2.module';
import { ErrorFilter } from './http/error.filter';
import { createHttpAdapter } from './http/http-adapter';
import type { MayBeLarge } from './http/json-body';
import type { ApiSettings } from './settings';

export interface GatewayParts {
  readonly stores: Stores;
  readonly settings: ApiSettings;
  /** Further modules that the gateway serves beside the API. */
  readonly modules: readonly DynamicModule[];
  readonly log: Logger;
}

/** A day: browsers need not ask again before each call. */
const PREFLIGHT_S = 86_400;

/** Large bodies are for routes that take content, and for those who have a key: memory for them is scarce. */
function largeBodyGate(settings: ApiSettings, keys: KeyCache): MayBeLarge {
  const operations = createCatalog({ faultEngine: settings.faultEngine }).operations();
  const paths = new Set(['/v2/jobs', ...operations.flatMap(({ operation, content }) => (content === undefined ? [] : [`/v2/${operation}`]))]);
  return async (request) => {
    if (!paths.has(request.url.split('?')[0]!.replace(/\/$/, ''))) return false;
    await requireKey(request.headers, keys);
    return true;
  };
}

@Module({})
class GatewayModule {
  static register({ stores, settings, modules, log }: GatewayParts, keys: KeyCache): DynamicModule {
    return {
      module: GatewayModule,
      imports: [AccessModule.register({ accounts: stores.accounts, keys }), ApiV2Module.register({ stores, settings, log }), ...modules],
    };
  }
}

/** The gateway as an application that is not listening yet. It closes the stores when it is shut down. */
export async function createGateway(parts: GatewayParts): Promise<NestFastifyApplication> {
  const { settings, log } = parts;
  const keys = new KeyCache(parts.stores.accounts);
  const { adapter, routes } = createHttpAdapter(settings.limits, largeBodyGate(settings, keys), parts.stores.hosts);
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.register(parts, keys), adapter, { bodyParser: false, logger: nestLogger(log), abortOnError: false });
  app.useGlobalFilters(new ErrorFilter(log, routes));
  app.enableCors({ origin: '*', methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'], exposedHeaders: ['Location', 'ETag', 'Retry-After', 'Content-Range'], maxAge: PREFLIGHT_S });
  app.enableShutdownHooks();
  return app;
}
