import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { get as httpGet, type IncomingMessage } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { type RunningGateway, startGateway } from './testing/running-gateway';

let database: TestDatabase;
let gateway: RunningGateway;
beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startGateway(database.url);
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await database.drop();
});

const ENDED = '2026-01-02T03:04:05.000Z';
const bytesOf = (index: number): Buffer => Buffer.alloc(1000 + index, String(index));

/** A signed path to a zip of `count` files, as a finished export would show it; its task is one that only the store of this test knows. */
async function zipOf(count: number, inline = false, size?: number): Promise<{ at: string; blobs: string[] }> {
  const { blobs, jobs, links } = gateway.stores;
  const task = `task-${count}-${size}`;
  const files = [];
  for (let index = 0; index < count; index += 1) {
    const blob = `${task}/r/${index}`;
    const stat = await blobs.put(blob, Readable.from([size === undefined ? bytesOf(index) : Buffer.alloc(size, String(index))]));
    files.push({ blob, name: 'page ü.png', size: stat.size });
  }
  jest.spyOn(jobs.resources, 'signedTask').mockResolvedValue({ view: { files }, ended_at: ENDED } as never);
  return { at: links.archive(task, inline, new Date().toISOString()).slice('http://files.test'.length), blobs: files.map(({ blob }) => blob) };
}

const fetchZip = (at: string, init: RequestInit = {}): Promise<Response> => fetch(gateway.url + at, init);

function unpacked(zip: Buffer): Record<string, Buffer> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'unzip-'));
  try {
    writeFileSync(path.join(dir, 'a.zip'), zip);
    execFileSync('bsdtar', ['-xf', 'a.zip'], { cwd: dir, env: { LANG: 'C.UTF-8', PATH: '/usr/bin' } });
    rmSync(path.join(dir, 'a.zip'));
    return Object.fromEntries(readdirSync(dir).map((name) => [name, readFileSync(path.join(dir, name))]));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Blobs that this process holds open. */
const openBlobs = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(gateway.blobDir);
    } catch (error) {
      // The listing's own descriptor is closed by now.
      expect((error as NodeJS.ErrnoException).code).toBe('ENOENT');
      return false;
    }
  }).length;

describe('several files in one zip', () => {
  it.each([2, 500])('are sent with their length: %i', async (count) => {
    const { at } = await zipOf(count);
    const answer = await fetchZip(at);
    const zip = Buffer.from(await answer.arrayBuffer());
    expect({ status: answer.status, ...Object.fromEntries(answer.headers) }).toMatchObject({
      status: 200,
      'content-type': 'application/zip',
      'content-length': String(zip.length),
      'content-disposition': 'attachment; filename="archive.zip"',
      'accept-ranges': 'bytes',
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
    });
    const files = unpacked(zip);
    expect(Object.keys(files)).toHaveLength(count);
    for (let index = 0; index < count; index += 1) expect(files[index === 0 ? 'page ü.png' : `page ü (${index + 1}).png`]!.equals(bytesOf(index))).toBe(true);
  });

  it('answer HEAD, ranges and conditions like one file', async () => {
    const { at } = await zipOf(3, true);
    const whole = Buffer.from(await (await fetchZip(at)).arrayBuffer());
    const head = await fetchZip(at, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), head.headers.get('content-disposition')]).toEqual([200, String(whole.length), 'inline; filename="archive.zip"']);
    const etag = head.headers.get('etag')!;
    expect((await fetchZip(at, { headers: { 'If-None-Match': etag } })).status).toBe(304);
    const rest = await fetchZip(at, { headers: { Range: 'bytes=1500-', 'If-Range': etag } });
    expect([rest.status, rest.headers.get('content-range')]).toEqual([206, `bytes 1500-${whole.length - 1}/${whole.length}`]);
    expect(Buffer.from(await rest.arrayBuffer()).equals(whole.subarray(1500))).toBe(true);
    expect((await fetchZip(at, { headers: { Range: `bytes=${whole.length}-` } })).status).toBe(416);
  });

  it('are gone when one of them is', async () => {
    const { at, blobs } = await zipOf(3);
    await gateway.stores.blobs.remove(blobs[1]!);
    const answer = await fetchZip(at);
    expect([answer.status, await answer.json()]).toEqual([410, expect.objectContaining({ code: 'GONE' })]);
    expect((await fetchZip(at.replace('attachment', 'inline'))).status).toBe(403);
  });

  it('never end as a good zip when one of them goes on the way', async () => {
    const { at, blobs } = await zipOf(4, false, 8_000_000);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => httpGet(gateway.url + at, resolve).on('error', reject));
    answer.once('data', () => answer.pause());
    await new Promise((resolve) => answer.once('pause', resolve));
    await gateway.stores.blobs.remove(blobs[3]!);
    await expect(
      (async () => {
        for await (const _ of answer) void _;
      })(),
    ).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('are let go when the client has gone', async () => {
    const { at } = await zipOf(4, false, 8_000_000);
    expect(openBlobs()).toBe(0);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => httpGet(gateway.url + at, resolve).on('error', reject));
    await new Promise((resolve) => answer.once('readable', resolve));
    while (openBlobs() === 0) await new Promise(setImmediate);
    expect(openBlobs()).toBe(1);
    answer.destroy();
    while (openBlobs() > 0) await new Promise(setImmediate);
    expect((await fetchZip(at, { method: 'HEAD' })).status).toBe(200);
  });
});
