import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KeyCache } from '@millrace/access';
import { createLogger } from '@millrace/telemetry';
import { SocketClient } from '@millrace/testing';
import type { Listener } from './listener';
import { Realtime } from './realtime';
import { links } from './testing/rows';

const log = createLogger({ service: 'test', level: 'silent' });
const LIMITS = { sockets: 2, unsent: 5, proveWithinMs: 60_000, recheckEveryMs: 60_000 };

let servers: Server[] = [];
let realtime: Realtime;
let listeners: Listener[];
const sockets: SocketClient[] = [];

async function start(over: Partial<typeof LIMITS> = {}): Promise<string[]> {
  listeners = [];
  const feeds = { join: () => () => undefined, joinUser: (_: number, __: string, listener: Listener) => (listeners.push(listener), () => void listeners.splice(listeners.indexOf(listener), 1)) };
  const keys = new KeyCache({ liveKey: async (hash) => ({ id: 'k', account: 7, scopes: ['task.read'], hash }) });
  realtime = new Realtime({ feeds, keys, resources: { task: async () => undefined }, log }, { of: () => ({ role: undefined, links }) }, () => undefined, { ...LIMITS, ...over });
  servers = [createServer((_, response) => response.end('http')), createServer()];
  for (const server of servers) {
    realtime.attach(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
  }
  return servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}
const open = (url: string): SocketClient => {
  const socket = SocketClient.open(url, { reconnection: false });
  sockets.push(socket);
  return socket;
};
const joined = async (socket: SocketClient): Promise<void> => {
  const before = listeners.length;
  socket.subscribe('private-user.7.jobs', 'key');
  while (listeners.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
};

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  realtime.close();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
});

it('serves several servers, beside what they answer over HTTP, and no polling', async () => {
  const [first, second] = await start();
  const both = [open(first!), open(second!)];
  for (const socket of both) {
    await joined(socket);
    listeners.at(-1)!.tell('job.finished', 'private-user.7.jobs', { job: 1 });
    expect((await socket.event('job.finished')).data).toEqual({ job: 1 });
  }
  expect(realtime.size).toBe(2);
  expect(await (await fetch(first!)).text()).toBe('http');
  expect((await fetch(`${first}/socket.io/?EIO=4&transport=polling`)).status).toBe(400);
});

it('takes so many connections and no more, until one leaves', async () => {
  const [url, other] = await start();
  const [first, second] = [open(url!), open(other!)];
  await first.connected();
  await second.connected();
  const refused = open(url!);
  await new Promise<void>((resolve) => void refused.socket.on('connect_error', () => resolve()));
  first.close();
  while (realtime.size > 1) await new Promise((resolve) => setTimeout(resolve, 5));
  await open(url!).connected();
});

it('closes who shows no key, and keeps who does', async () => {
  const [url] = await start({ proveWithinMs: 300 });
  const [silent, proven] = [open(url!), open(url!)];
  await proven.connected();
  await joined(proven);
  await silent.connected();
  await silent.connected(false);
  expect(proven.socket.connected).toBe(true);
});

it('closes who reads too slowly, and leaves nobody behind', async () => {
  const [url] = await start();
  const slow = open(url!);
  await slow.connected();
  await joined(slow);
  const { io } = slow.socket as unknown as { io: { engine: { transport: { ws: { pause(): void; resume(): void } } } } };
  io.engine.transport.ws.pause();
  const data = { text: 'x'.repeat(1024 * 1024) };
  for (let count = 0; listeners.length > 0 && count < 200; count += 1) {
    listeners[0]!.tell('job.updated', 'private-user.7.jobs', data);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(listeners).toEqual([]);
  io.engine.transport.ws.resume();
});
