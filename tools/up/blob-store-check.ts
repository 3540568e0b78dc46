import { blobStoreProblems, blobStoreSettings, blobStoreVariables, openBlobStore } from '@millrace/blob-store';
import { ConfigError, loadConfig } from '@millrace/config';
import { isFailure } from '@millrace/failures';
import { z } from 'zod';
import { Refusal } from './invocation';
import type { Installation } from './service-env';

const variables = z.object(blobStoreVariables).superRefine(blobStoreProblems);

/** @throws Refusal that says why, when the services could not use the blob store that the settings name. */
export async function checkBlobStore({ settings, dataDir }: Pick<Installation, 'settings' | 'dataDir'>): Promise<void> {
  try {
    const store = openBlobStore(blobStoreSettings(loadConfig(variables, { ...settings.passed, BLOB_DIR: dataDir.blobs })));
    await store.check?.();
  } catch (error) {
    if (error instanceof ConfigError) throw new Refusal(error.publicMessage);
    if (!isFailure(error) || !(error.cause instanceof Error)) throw error;
    throw new Refusal(`${error.cause.message}. See the S3_ variables in .env.example; the bucket has to be made before.`);
  }
}
