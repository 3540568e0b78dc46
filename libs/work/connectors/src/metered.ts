import { Readable } from 'node:stream';

/** `source` itself, telling `percent` (whole, growing) as it passes; silent when `total` is unknown. Ends and fails as `source` does. */
export function metered(source: Readable, total: number | undefined, percent: (value: number) => void): Readable {
  if (total === undefined || total <= 0) return source;
  return Readable.from(told(source, total, percent), { objectMode: false });
}

async function* told(source: Readable, total: number, percent: (value: number) => void): AsyncGenerator<Uint8Array> {
  let seen = 0;
  let last = 0;
  for await (const chunk of source as AsyncIterable<Uint8Array>) {
    seen += chunk.length;
    const now = Math.min(100, Math.floor((seen / total) * 100));
    if (now > last) percent(now);
    last = now;
    yield chunk;
  }
}
