import { createServer, type Server } from 'node:http';

export interface HealthOptions {
  readonly host: string;
  readonly port: number;
  /** What readiness rests on, by name, as shown in the answer; ready when every value is `true`. A throw is not ready. */
  readonly ready: () => Promise<Readonly<Record<string, boolean>>>;
}

/** `GET /health/live` and `/health/ready` for processes that serve nothing else. Resolves when it listens; rejects when the port is taken. */
export function serveHealth({ host, port, ready }: HealthOptions): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const path = request.url?.split('?')[0];
    if (path === '/health/live') return answer(200, { status: 'live' });
    if (path !== '/health/ready') return answer(404, { message: 'Not Found', code: 'NOT_FOUND' });
    ready().then(
      (checks) => {
        const isReady = Object.values(checks).every(Boolean);
        answer(isReady ? 200 : 503, { status: isReady ? 'ready' : 'not ready', checks });
      },
      (error: unknown) => answer(503, { status: 'not ready', problem: error instanceof Error ? error.message : String(error) }),
    );
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}
