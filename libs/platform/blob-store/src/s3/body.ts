import { finished, PassThrough, type Readable } from 'node:stream';
import { storageFailure } from '../failures';

/** The body of an answer as a stream whose errors are Failures; who destroys it ends the request. */
export function bodyStream(body: Readable): Readable {
  const stream = new PassThrough();
  finished(body, (error) => {
    if (error && !stream.destroyed) stream.destroy(storageFailure(error));
  });
  stream.once('close', () => body.destroy());
  return body.pipe(stream);
}

/** Bytes from the start of a source, at least `bytes` unless it ended; and whether it did. */
export async function beginning(chunks: AsyncGenerator<Uint8Array>, bytes: number): Promise<{ start: Buffer; ended: boolean }> {
  const parts: Uint8Array[] = [];
  for (let size = 0; size <= bytes; ) {
    const { value, done } = await chunks.next();
    if (done) return { start: Buffer.concat(parts), ended: true };
    parts.push(value);
    size += value.length;
  }
  return { start: Buffer.concat(parts), ended: false };
}

/** `start`, then the rest. */
export async function* joined(start: Buffer, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield start;
  yield* rest;
}
