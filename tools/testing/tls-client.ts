import { request } from 'node:https';

export interface TlsAnswer {
  readonly status: number;
  /** Names as they came. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly text: string;
  /** Any: tests look into bodies of every shape. */
  readonly json: any;
}

export interface TlsCall {
  readonly method?: string;
  readonly path: string;
  readonly key?: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Speaks to one TLS port as a client with hard-coded hosts does: the name is that of the URL, `ca` is trusted, and the address comes from a hosts file. */
export class TlsClient {
  constructor(
    private readonly port: number,
    private readonly ca: string,
    private readonly address = '127.0.0.1',
  ) {}

  call(host: string, { method = 'GET', path, key, body, signal }: TlsCall): Promise<TlsAnswer> {
    const content = body === undefined ? undefined : JSON.stringify(body);
    const headers = { ...(key !== undefined && { Authorization: `Bearer ${key}` }), ...(content !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(content) }) };
    return new Promise((resolve, reject) => {
      const sent = request({ host: this.address, port: this.port, servername: host.split(':')[0]!, ca: this.ca, method, path, headers: { Host: host, ...headers }, agent: false, signal }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject).on('end', () => {
          const bytes = Buffer.concat(chunks);
          const text = bytes.toString('utf8');
          const spelled = Object.fromEntries(Array.from({ length: response.rawHeaders.length / 2 }, (_, index) => [response.rawHeaders[2 * index]!, response.rawHeaders[2 * index + 1]!]));
          const json = /json/.test(response.headers['content-type'] ?? '') && text !== '' ? JSON.parse(text) : undefined;
          resolve({ status: response.statusCode!, headers: spelled, body: bytes, text, json });
        });
      });
      sent.on('error', reject).end(content);
    });
  }
}
