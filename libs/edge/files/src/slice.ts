import { Readable } from 'node:stream';
import type { Range } from './byte-range';

/**
 * The bytes `range` of `source`, which is read from its start and destroyed once its last wanted byte was handed on, or when the
 * result is destroyed.
 */
export function slice(source: Readable, { start, end }: Range): Readable {
  return Readable.from(
    (async function* () {
      let at = 0;
      for await (const chunk of source as AsyncIterable<Buffer>) {
        const wanted = chunk.subarray(Math.max(0, start - at), Math.max(0, end + 1 - at));
        at += chunk.length;
        if (wanted.length > 0) yield wanted;
        if (at > end) return;
      }
    })(),
    { objectMode: false },
  );
}
