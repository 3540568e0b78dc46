import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { KeyCache } from '@millrace/access';
import { createLogger } from '@millrace/telemetry';
import { SocketClient } from '@millrace/testing';
import type { Listener } from './listener';
import { Realtime } from './realtime';
import { links } from './testing/rows';

const log = createLogger({ service: 'test', level: 'silent' });
const NEWCOMERS = { inAll: 1_000, perAddress: 50, withinMs: 60_000 };
const LIMITS = { sockets: 2, unsent: 5, unsentBytes: 2 ** 30, newcomers: NEWCOMERS, recheckEveryMs: 60_000 };

let servers: Server[] = [];
let realtime: Realtime;
let listeners: Listener[];
const sockets: SocketClient[] = [];

/** Two servers; who comes by one of them has the same address. */
async function start(over: Partial<typeof LIMITS> = {}): Promise<string[]> {
  listeners = [];
  const feeds = { join: () => () => undefined, joinUser: (_: number, __: string, listener: Listener) => (listeners.push(listener), () => void listeners.splice(listeners.indexOf(listener), 1)) };
  const keys = new KeyCache({ liveKey: async (hash) => ({ id: 'k', account: 7, scopes: ['task.read'], hash }) });
  realtime = new Realtime({ feeds, keys, resources: { task: async () => undefined }, log }, { of: () => ({ role: undefined, links }), addressOf: ({ socket }) => String((socket as Socket).localPort) }, () => undefined, { ...LIMITS, ...over });
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

const refused = (socket: SocketClient): Promise<void> => new Promise((resolve) => void socket.socket.on('connect_error', () => resolve()));

it('takes so many connections and no more, until one leaves', async () => {
  const [url, other] = await start();
  const [first, second] = [open(url!), open(other!)];
  for (const socket of [first, second]) {
    await socket.connected();
    await joined(socket);
  }
  await refused(open(url!));
  first.close();
  while (realtime.size > 1) await new Promise((resolve) => setTimeout(resolve, 5));
  await open(url!).connected();
});

it('lets the oldest that has shown no key make room when every place is taken', async () => {
  const [url, other] = await start({ sockets: 3 });
  const proven = open(url!);
  await proven.connected();
  await joined(proven);
  const old = open(url!);
  await old.connected();
  const young = open(other!);
  await young.connected();
  const next = open(other!);
  await next.connected();
  await old.connected(false);
  expect([proven, young, next].map(({ socket }) => socket.connected)).toEqual([true, true, true]);
  expect(realtime.size).toBe(3);
});

it('lets nobody without a key take more places than an address has, and takes none from others', async () => {
  const [url, other] = await start({ sockets: 20, newcomers: { ...NEWCOMERS, perAddress: 2 } });
  const [proven, elsewhere] = [open(url!), open(other!)];
  await proven.connected();
  await joined(proven);
  await elsewhere.connected();
  const strangers: SocketClient[] = [];
  for (let count = 0; count < 5; count += 1) {
    strangers.push(open(url!));
    await strangers.at(-1)!.connected();
  }
  for (const gone of strangers.slice(0, 3)) await gone.connected(false);
  expect([proven, elsewhere, ...strangers.slice(3)].map(({ socket }) => socket.connected)).toEqual([true, true, true, true]);
  expect(realtime.size).toBe(4);
});

it('closes who shows no key, and keeps who does', async () => {
  const [url] = await start({ newcomers: { ...NEWCOMERS, withinMs: 300 } });
  const [silent, proven] = [open(url!), open(url!)];
  await proven.connected();
  await joined(proven);
  await silent.connected();
  await silent.connected(false);
  expect(proven.socket.connected).toBe(true);
});

it.each<[string, Partial<typeof LIMITS>]>([
  ['messages', {}],
  ['bytes', { unsent: 2_000, unsentBytes: 4 * 1024 ** 2 }],
])('closes who reads too slowly, by the number of %s that wait, and leaves nobody behind', async (_, limits) => {
  const [url] = await start(limits);
  const slow = open(url!);
  await slow.connected();
  await joined(slow);
  const { io } = slow.socket as unknown as { io: { engine: { transport: { ws: { pause(): void; resume(): void } } } } };
  io.engine.transport.ws.pause();
  const data = { text: 'x'.repeat(1024 * 1024) };
  for (let count = 0; listeners.length > 0 && count < 60; count += 1) {
    listeners[0]!.tell('job.updated', 'private-user.7.jobs', data);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(listeners).toEqual([]);
  expect(realtime.size).toBe(0);
  io.engine.transport.ws.resume();
});

it('lets a message through that is larger than what may wait', async () => {
  const [url] = await start({ unsentBytes: 1_000 });
  const socket = open(url!);
  await socket.connected();
  await joined(socket);
  const data = { text: 'ü'.repeat(1024 * 1024) };
  for (const event of ['job.updated', 'job.finished']) {
    listeners[0]!.tell(event, 'private-user.7.jobs', data);
    expect((await socket.event(event)).data).toEqual(data);
  }
});
