import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { planTls } from './tls';

/** An address of this spec alone. */
const HOST = '127.77.255.254';

let folder: string;
let held: Server[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-tls-plan-'));
  held = [];
});
afterEach(async () => {
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  rmSync(folder, { recursive: true, force: true });
});

/** Listens there. A port that this user may not bind is as good as taken. */
const occupy = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EACCES' ? resolve() : reject(error)));
    server.listen(port, HOST, () => {
      held.push(server);
      resolve();
    });
  });

const plan = (port?: number): ReturnType<typeof planTls> => planTls({ host: HOST, ...(port !== undefined && { port }) }, ['cloudconvert.com'], path.join(folder, 'tls'), () => undefined);

it('takes 8443 and says why when 443 cannot be bound', async () => {
  await occupy(443);
  expect(await plan()).toMatchObject({ port: 8443, not443: expect.stringMatching(/^(it is taken|this user may not bind it)$/) });
});

it('refuses when no port is left, or the one that was named is taken', async () => {
  await occupy(443);
  await occupy(8443);
  await expect(plan()).rejects.toThrow(/^--tls: neither port 443 \(.+\) nor 8443 \(it is taken\) can be used on 127\.77\.255\.254\. Name one with --tls-port\.$/);
  await expect(plan(8443)).rejects.toThrow('--tls-port=8443 on 127.77.255.254: it is taken.');
});

it('names an address that the machine has not', async () => {
  await expect(planTls({ host: '192.0.2.1', port: 8443 }, ['cloudconvert.com'], path.join(folder, 'tls'), () => undefined)).rejects.toThrow('--tls-port=8443 on 192.0.2.1: the machine has no such address.');
});

it('tells once that certificates were made', async () => {
  const said: string[] = [];
  for (let time = 0; time < 2; time += 1) await planTls({ host: HOST, port: 8444 }, ['cloudconvert.com'], path.join(folder, 'tls'), (text) => said.push(text));
  expect(said).toEqual([`made a certificate authority of this installation, because there was none: ${folder}/tls/ca.pem`]);
});
