import { connect } from 'node:net';
import { Client } from 'pg';

const TIMEOUT_MS = 2_000;

/** Whether a service says that it is ready. */
export async function httpReady(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

/** Whether a nats-server greets, as it does at once after accepting. */
export function natsReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: TIMEOUT_MS });
    const settle = (ready: boolean) => (): void => {
      resolve(ready);
      socket.destroy();
    };
    socket.once('data', settle(true)).once('error', settle(false)).once('timeout', settle(false)).once('close', settle(false));
  });
}

/** Whether Postgres accepts our password. */
export async function postgresReady(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}
