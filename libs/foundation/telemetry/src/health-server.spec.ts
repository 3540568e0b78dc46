import type { AddressInfo } from 'node:net';
import { serveHealth } from './health-server';

it('tells live from ready, and names what is missing', async () => {
  let nats = false;
  const server = await serveHealth({ host: '127.0.0.1', port: 0, ready: async () => ({ nats }) });
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
    return [answer.status, await answer.json()];
  };
  expect(await get('/health/live')).toEqual([200, { status: 'live' }]);
  expect(await get('/health/ready')).toEqual([503, { status: 'not ready', checks: { nats: false } }]);
  nats = true;
  expect(await get('/health/ready')).toEqual([200, { status: 'ready', checks: { nats: true } }]);
  expect((await get('/else'))[0]).toBe(404);
  server.close();
});
