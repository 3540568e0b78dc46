import { Transform, type TransformCallback } from 'node:stream';
import { Failure } from '@millrace/failures';
import { parseDisposition } from './disposition';

/** The fields before the file are a policy and a signature; more than this is no form of ours. Bytes. */
const HEAD_LIMIT = 64 * 1024;

const encode = (text: string): string => encodeURIComponent(text).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);

/** The headers of one part as busboy reads them without a doubt. */
function normalise(headers: string): { text: string; isFile: boolean } {
  let isFile = false;
  const lines = headers.split('\r\n').map((line) => {
    const [, value] = /^content-disposition\s*:(.*)$/i.exec(line) ?? [];
    if (value === undefined) return line;
    const { name = '', filename } = parseDisposition(value);
    isFile = filename !== undefined || name === 'file';
    return `Content-Disposition: form-data; name="${name.replace(/["\\\r\n]/g, '_')}"${isFile ? `; filename*=UTF-8''${encode(filename || 'file')}` : ''}`;
  });
  return { text: lines.join('\r\n'), isFile };
}

/**
 * Rewrites the head of a form up to and with the headers of its first file, then lets everything pass as it is: clients write these headers
 * in ways that no parser takes (contract §5.2). Fails with INVALID_DATA when the head outgrows 64 KB.
 */
export class MultipartHead extends Transform {
  #held: Buffer | undefined = Buffer.alloc(0);
  readonly #delimiter: string;

  constructor(boundary: string) {
    super();
    this.#delimiter = `--${boundary}\r\n`;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    if (this.#held === undefined) return done(null, chunk);
    this.#held = Buffer.concat([this.#held, chunk]);
    const head = this.#rewrite(this.#held);
    if (head) {
      this.#held = undefined;
      return done(null, head);
    }
    if (this.#held.length > HEAD_LIMIT) return done(new Failure('INVALID_DATA', 'The fields before the file are too large.'));
    done();
  }

  override _flush(done: TransformCallback): void {
    done(null, this.#held);
  }

  /** The rewritten bytes once the headers of the first file are complete. */
  #rewrite(held: Buffer): Buffer | undefined {
    // One byte a character: offsets in the text are offsets in the bytes.
    const text = held.toString('latin1', 0, Math.min(held.length, HEAD_LIMIT));
    const pieces: string[] = [];
    let at = 0;
    for (;;) {
      const start = text.indexOf(this.#delimiter, at);
      const end = start < 0 ? -1 : text.indexOf('\r\n\r\n', start + this.#delimiter.length - 2);
      if (end < 0) return undefined;
      const headers = start + this.#delimiter.length;
      const part = normalise(text.slice(headers, Math.max(headers, end)));
      pieces.push(text.slice(at, headers), part.text);
      at = Math.max(headers, end);
      if (part.isFile) return Buffer.concat([Buffer.from(pieces.join(''), 'latin1'), held.subarray(at)]);
    }
  }
}
