import type { Readable } from 'node:stream';
import type { Range } from './byte-range';

/** Something to send, of which everything but its bytes is known. */
export interface Download {
  readonly name: string;
  readonly mime: string;
  /** Bytes. */
  readonly size: number;
  /** Quoted. The same as long as the bytes are. */
  readonly etag: string;
  /** The bytes, or a range of them. Throws GONE when they are no longer stored. */
  open(range?: Range): Promise<Readable>;
}
