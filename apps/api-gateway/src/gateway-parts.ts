import { keyBytes } from '@millrace/config';
import { blobStoreSettings, openStores } from '@millrace/access';
import type { GatewayParts } from '@millrace/api-v2';
import { FilesModule } from '@millrace/files';
import { RealtimeModule } from '@millrace/realtime';
import type { Logger } from '@millrace/telemetry';
import type { Environment } from './environment';

/** What the gateway is made of, from its environment. */
export async function gatewayParts(env: Environment, log: Logger): Promise<GatewayParts> {
  const urlSecret = env.URL_SIGNING_SECRET.reveal();
  const stores = await openStores({
    databaseUrl: env.DATABASE_URL.reveal(),
    nats: {
      url: env.NATS_URL,
      ...(env.NATS_USER !== undefined && { user: env.NATS_USER }),
      ...(env.NATS_PASSWORD !== undefined && { password: env.NATS_PASSWORD.reveal() }),
    },
    blobs: blobStoreSettings(env),
    publicUrl: env.PUBLIC_URL,
    hosts: { domains: env.HOST_NAMES, trustProxy: env.TRUST_PROXY },
    urlSecret,
    applicationName: 'api-gateway',
    rules: { queueMs: env.ENGINE_UNAVAILABLE_AFTER, retentionMs: env.RETENTION },
    log,
  });
  return {
    stores,
    log,
    modules: [FilesModule.register({ stores, settings: { urlSecret, maxUploadBytes: env.MAX_UPLOAD_BYTES } }), RealtimeModule.register({ stores, log })],
    settings: {
      region: env.REGION,
      masterKey: keyBytes(env.MASTER_KEY),
      faultEngine: env.FAULT_ENGINE,
      limits: {
        tasksPerJob: env.MAX_TASKS_PER_JOB,
        jsonBytes: env.MAX_JSON_BYTES,
        contentBytes: env.MAX_CONTENT_JSON_BYTES,
        largeBodies: env.MAX_LARGE_BODIES,
        jsonDepth: env.MAX_JSON_DEPTH,
      },
    },
  };
}
