import { createHash } from 'node:crypto';
import { addAbortSignal, type Readable } from 'node:stream';
import { Failure } from '@millrace/failures';
import type { PutOptions } from './blob-store';

/** Lower-case hex digests. */
export interface Digests {
  readonly md5: string;
  readonly sha256: string;
}

/** What is put: read once, counted and hashed on the way. */
export class HashedSource {
  private readonly md5 = createHash('md5');
  private readonly sha256 = createHash('sha256');
  private read = 0;
  private error: unknown;

  constructor(
    private readonly source: Readable,
    private readonly options: PutOptions,
  ) {
    // It may fail while nobody iterates it yet; the iteration reports the error, without a listener it would end the process.
    source.on('error', () => undefined);
  }

  /** Bytes read so far; all of them once `chunks` ended. */
  get size(): number {
    return this.read;
  }

  /** Why the source ended early: LIMIT_EXCEEDED, its own error, or the signal's reason. */
  get failure(): unknown {
    return this.error;
  }

  /** The bytes, one chunk at a time. Throws what `failure` then answers. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    const { signal, maxBytes = Infinity } = this.options;
    try {
      signal?.throwIfAborted();
      if (signal) addAbortSignal(signal, this.source);
      for await (const part of this.source) {
        const chunk: Uint8Array = typeof part === 'string' ? Buffer.from(part) : part;
        this.read += chunk.length;
        if (this.read > maxBytes) throw new Failure('LIMIT_EXCEEDED', `The file is larger than the ${maxBytes} bytes allowed.`);
        this.md5.update(chunk);
        this.sha256.update(chunk);
        yield chunk;
      }
      signal?.throwIfAborted();
    } catch (error) {
      this.error = signal?.aborted ? signal.reason : error;
      throw this.error;
    }
  }

  /** Of the bytes read; to be asked once, after the end. */
  digests(): Digests {
    return { md5: this.md5.digest('hex'), sha256: this.sha256.digest('hex') };
  }

  destroy(): void {
    this.source.destroy();
  }
}
