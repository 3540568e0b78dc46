import type { IncomingMessage } from 'node:http';

const PREFIX = '/sync';

/**
 * The sync host for clients that reach the gateway by one name only: `/sync/v2/...` is `/v2/...` of the sync host. An addition of ours to the
 * contract; it needs neither DNS nor a hosts file.
 */
export class SyncPath {
  readonly #requests = new WeakSet<IncomingMessage>();

  /** The URL as it is routed; notes when it had the prefix. */
  rewrite(request: IncomingMessage): string {
    const url = request.url ?? '/';
    if (!url.startsWith(`${PREFIX}/v2/`)) return url;
    this.#requests.add(request);
    return url.slice(PREFIX.length);
  }

  has(request: IncomingMessage): boolean {
    return this.#requests.has(request);
  }
}
