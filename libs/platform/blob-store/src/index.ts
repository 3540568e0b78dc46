export { type BlobEntry, type BlobStat, type BlobStore, type ByteRange, type PutOptions } from './blob-store';
export { checkKey } from './key';
export { createFsBlobStore, type FsBlobStoreOptions } from './fs-blob-store';
export { receiveFile, type Received } from './receive-file';
