import { StringDecoder } from 'node:string_decoder';

/** The last bytes of a stream, in bounded memory. */
export class OutputTail {
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(private readonly limit: number) {}

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    // Twice the limit, so that a flood is cut seldom and not at each chunk.
    if (this.#size > 2 * this.limit) this.#cut();
  }

  toString(): string {
    this.#cut();
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  #cut(): void {
    // A copy, not a view: a view would keep the whole flood alive.
    const kept = Buffer.from(Buffer.concat(this.#chunks).subarray(-this.limit));
    this.#chunks = [kept];
    this.#size = kept.length;
  }
}

/** Cuts a stream of bytes into lines; one longer than `limit` characters is handed over in pieces. */
export class LineSplitter {
  #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(
    private readonly onLine: (line: string) => void,
    private readonly limit: number,
  ) {}

  push(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) this.onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    while (this.#rest.length > this.limit) {
      this.onLine(this.#rest.slice(0, this.limit));
      this.#rest = this.#rest.slice(this.limit);
    }
  }

  end(): void {
    const last = this.#rest + this.#decoder.end();
    this.#rest = '';
    if (last !== '') this.onLine(last);
  }
}
