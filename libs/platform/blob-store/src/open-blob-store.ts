import type { BlobStore } from './blob-store';
import { createFsBlobStore } from './fs-blob-store';
import { createS3BlobStore } from './s3/s3-blob-store';
import type { BlobStoreSettings } from './settings';

/** The blob store that the settings name. It need not be there: it is asked when it is used. */
export function openBlobStore(settings: BlobStoreSettings): BlobStore {
  return settings.kind === 'fs' ? createFsBlobStore(settings.dir) : createS3BlobStore(settings);
}
