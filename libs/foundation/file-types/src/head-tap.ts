import { Transform, type TransformCallback } from 'node:stream';

/** Passes bytes on and keeps the first of them. */
export class HeadTap extends Transform {
  private readonly kept: Buffer[] = [];
  private length = 0;

  constructor(private readonly limit: number) {
    super();
  }

  /** The first `limit` bytes, or all there were. */
  get head(): Buffer {
    return Buffer.concat(this.kept).subarray(0, this.limit);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.length < this.limit) {
      this.kept.push(chunk.subarray(0, this.limit - this.length));
      this.length += chunk.length;
    }
    done(null, chunk);
  }
}
