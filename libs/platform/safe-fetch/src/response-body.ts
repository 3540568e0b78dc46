import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { Failure } from '@millrace/failures';
import type { Deadline } from './deadline';
import { interrupted } from './refusals';

/** Limits of one body: bytes, and milliseconds without any byte while one is wanted. */
export interface BodyLimits {
  readonly maxBytes: number;
  readonly idleTimeoutMs: number;
}

/**
 * The body of an answer under limits; whatever ends it early is a Failure: LIMIT_EXCEEDED, DOWNLOAD_FAILED, or the deadline's reason.
 * A reader that takes its time is not counted as silence of the server. Destroying it closes the connection.
 */
export class ResponseBody extends Readable {
  readonly #source: IncomingMessage;
  readonly #deadline: Deadline;
  readonly #limits: BodyLimits;
  #seen = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(source: IncomingMessage, deadline: Deadline, limits: BodyLimits) {
    super();
    this.#source = source;
    this.#deadline = deadline;
    this.#limits = limits;
    // A peer may break off before the caller reads. The failure is kept and met by any reader; without a listener it would end the process.
    this.on('error', () => undefined);
    source.on('data', (chunk: Buffer) => this.#take(chunk));
    source.on('end', () => {
      clearTimeout(this.#idle);
      this.push(null);
    });
    // Node reports a body shorter than declared, or without its last chunk, as an error too.
    source.on('error', (error) => this.destroy(this.#reasonOf(error)));
    source.pause();
  }

  override _read(): void {
    const declared = Number(this.#source.headers['content-length'] ?? 0);
    if (declared > this.#limits.maxBytes) return void this.destroy(this.#tooLarge());
    this.#watch();
    this.#source.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#idle);
    this.#source.destroy();
    this.#deadline.release();
    done(error);
  }

  #take(chunk: Buffer): void {
    this.#seen += chunk.length;
    if (this.#seen > this.#limits.maxBytes) return void this.destroy(this.#tooLarge());
    this.#watch();
    if (this.push(chunk)) return;
    clearTimeout(this.#idle);
    this.#source.pause();
  }

  #watch(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.destroy(interrupted(new Error('no byte in time'))), this.#limits.idleTimeoutMs);
  }

  #reasonOf(error: Error): Failure {
    return this.#deadline.signal.aborted ? this.#deadline.signal.reason : interrupted(error);
  }

  #tooLarge(): Failure {
    return new Failure('LIMIT_EXCEEDED', `The file is larger than ${this.#limits.maxBytes} bytes`);
  }
}
