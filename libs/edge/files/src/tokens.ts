/** Injection tokens of this lib. */
export const LINKS = Symbol('links');
export const BLOBS = Symbol('blobs');
