import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import type { BlobStore } from '@millrace/blob-store';
import type { Manifests } from '../ports';

/** Manifests as JSON blobs under the run that they belong to. */
export const blobManifests = (blobs: BlobStore): Manifests => ({
  read: async (key) => json((await blobs.open(key)).stream),
  write: async (key, value) => {
    await blobs.put(key, Readable.from([JSON.stringify(value)]));
  },
});
