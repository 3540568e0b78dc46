export { type BlobEntry, type BlobStat, type BlobStore, type ByteRange, type PutOptions } from './blob-store';
export { checkKey } from './key';
export { createFsBlobStore, type FsBlobStoreOptions } from './fs-blob-store';
export { receiveFile, type Received } from './receive-file';
export { openBlobStore } from './open-blob-store';
export { blobStoreProblems, blobStoreSettings, blobStoreVariables, type BlobStoreSettings } from './settings';
