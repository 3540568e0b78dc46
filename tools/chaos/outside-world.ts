import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { CONTENT } from './jobs';

/** A server that files come from and webhooks go to. */
export interface OutsideWorld {
  readonly source: string;
  readonly webhook: string;
  /** Events as they were told: one entry per delivery that was answered with 200. */
  readonly told: readonly { readonly job: string; readonly event: string }[];
  stop(): Promise<void>;
}

/** Starts one on loopback; stacks reach it when `SAFE_FETCH_ALLOW` names 127.0.0.1. */
export async function startOutsideWorld(): Promise<OutsideWorld> {
  const told: { job: string; event: string }[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'GET') return void response.end(CONTENT);
    json(request)
      .then((body) => {
        const { event, job } = body as { event: string; job: { id: string } };
        told.push({ job: job.id, event });
        response.end();
      })
      // A sender that was killed in the middle of its request.
      .catch(() => response.writeHead(400).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    source: `${base}/in.txt`,
    webhook: `${base}/webhook`,
    told,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
