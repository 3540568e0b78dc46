/** Injection tokens of this lib. */
export const BLOBS = Symbol('blobs');
