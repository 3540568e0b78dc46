import type { S3Client } from '@aws-sdk/client-s3';
import type { S3Settings } from './settings';

type Sdk = typeof import('@aws-sdk/client-s3');
type Uploads = typeof import('@aws-sdk/lib-storage');

/** The SDK and a client of it. */
export interface Connection {
  readonly sdk: Sdk;
  readonly Upload: Uploads['Upload'];
  readonly client: S3Client;
}

const CONNECT_MS = 5_000;
/** Until an answer begins. */
const ANSWER_MS = 60_000;
/** A body that nothing comes from; also of a reader that takes nothing. */
const IDLE_MS = 300_000;
/** An open download holds one, so that a few hundred of them must not keep everything else waiting. */
const SOCKETS = 1_000;

/** Loads the SDK (22 MB) when it is first needed, once. */
export function connector({ endpoint, region, credentials, forcePathStyle, checksums }: S3Settings): () => Promise<Connection> {
  const connect = async (): Promise<Connection> => {
    const [sdk, { Upload }] = await Promise.all([import('@aws-sdk/client-s3'), import('@aws-sdk/lib-storage')]);
    const mode = checksums === 'when_supported' ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED';
    const client = new sdk.S3Client({
      region,
      forcePathStyle,
      ...(endpoint !== undefined && { endpoint }),
      ...(credentials && { credentials: { accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey.reveal() } }),
      requestChecksumCalculation: mode,
      responseChecksumValidation: mode,
      requestHandler: {
        connectionTimeout: CONNECT_MS,
        requestTimeout: ANSWER_MS,
        throwOnRequestTimeout: true,
        socketTimeout: IDLE_MS,
        httpAgent: { keepAlive: true, maxSockets: SOCKETS },
        httpsAgent: { keepAlive: true, maxSockets: SOCKETS },
      },
    });
    return { sdk, Upload, client };
  };
  let connection: Promise<Connection> | undefined;
  return () => (connection ??= connect());
}
