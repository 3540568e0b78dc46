import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type BlobStore, createFsBlobStore } from '@millrace/blob-store';
import type { FileRef } from '@millrace/contracts';
import { zipOfFiles } from './zip-of-files';

const TIME = new Date('2026-01-02T03:04:05Z');

let dir: string;
let blobs: BlobStore;
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'zip-'));
  blobs = createFsBlobStore(path.join(dir, 'blobs'));
});
afterEach(() => rmSync(dir, { recursive: true }));

async function stored(files: readonly (readonly [name: string, bytes: string | Buffer])[]): Promise<FileRef[]> {
  const refs: FileRef[] = [];
  for (const [index, [name, bytes]] of files.entries()) {
    const { size } = await blobs.put(`t/r/${index}`, Readable.from([Buffer.from(bytes as string)]));
    refs.push({ blob: `t/r/${index}`, name, size });
  }
  return refs;
}

/** What bsdtar finds in a zip. */
function unpacked(zip: Buffer): Record<string, string> {
  const [file, into] = [path.join(dir, 'a.zip'), path.join(dir, 'into')];
  writeFileSync(file, zip);
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into);
  execFileSync('bsdtar', ['-xf', file, '-C', into], { env: { LANG: 'C.UTF-8', PATH: '/usr/bin' } });
  return Object.fromEntries(readdirSync(into).map((name) => [name, readFileSync(path.join(into, name), 'latin1')]));
}

describe('zipOfFiles', () => {
  it('holds every file, byte for byte, and is as long as it says', async () => {
    const noise = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) >> 7));
    const zip = await zipOfFiles(blobs, await stored([['a.txt', 'first'], ['b.bin', noise], ['empty', ''], ['日本語.txt', 'x']]), TIME);
    const bytes = await buffer(await zip.open());
    expect(zip).toMatchObject({ name: 'archive.zip', mime: 'application/zip', size: bytes.length });
    expect(unpacked(bytes)).toEqual({ 'a.txt': 'first', 'b.bin': noise.toString('latin1'), empty: '', '日本語.txt': 'x' });
  });

  it('gives every file a name of its own, and none a path', async () => {
    const names = ['a.pdf', 'A.pdf', 'a.pdf', '../../etc/passwd', 'C:\\x', 'C:x', '\u202ea', '-rf', 'a\r\nb', ''];
    const zip = await zipOfFiles(blobs, await stored(names.map((name, index) => [name, String(index)])), TIME);
    expect(unpacked(await buffer(await zip.open()))).toEqual({
      'a.pdf': '0', 'A (2).pdf': '1', 'a (3).pdf': '2', passwd: '3', x: '4', 'C_x': '5', a: '6', rf: '7', ab: '8', file: '9',
    });
  });

  // The writer counts the end of a directory of more than 64 KiB in another way than it writes it.
  it.each([2, 500, 1100])('is right for %i files', async (count) => {
    const refs = (await stored([['page.png', 'same bytes']])).flatMap((ref) => Array.from({ length: count }, () => ref));
    const zip = await zipOfFiles(blobs, refs, TIME);
    const bytes = await buffer(await zip.open());
    expect(bytes.length).toBe(zip.size);
    const files = unpacked(bytes);
    expect(Object.keys(files)).toHaveLength(count);
    expect(files[`page (${count}).png`]).toBe('same bytes');
  });

  it('is the same each time, in one go or by ranges', async () => {
    const refs = await stored([['a', 'x'.repeat(70_000)], ['b', 'y'.repeat(70_000)]]);
    const [zip, again] = [await zipOfFiles(blobs, refs, TIME), await zipOfFiles(blobs, refs, TIME)];
    const whole = await buffer(await zip.open());
    expect(again.etag).toBe(zip.etag);
    const ranges = [{ start: 0, end: 9 }, { start: 10, end: 100_000 }, { start: 100_001, end: zip.size - 1 }];
    const parts = await Promise.all(ranges.map(async (range) => buffer(await again.open(range))));
    expect(Buffer.concat(parts).equals(whole)).toBe(true);
  });

  it('has another ETag for other files and other names', async () => {
    const refs = await stored([['a', '1'], ['b', '2'], ['c', '1']]);
    const etag = async (files: FileRef[]) => (await zipOfFiles(blobs, files, TIME)).etag;
    const [a, b, c] = refs as [FileRef, FileRef, FileRef];
    expect(new Set([await etag([a, b]), await etag([b, a]), await etag([a, c]), await etag([a, { ...b, name: 'x' }])]).size).toBe(4);
  });

  it('says beforehand that a file is gone', async () => {
    const refs = await stored([['a', '1'], ['b', '2']]);
    await blobs.remove('t/r/1');
    await expect(zipOfFiles(blobs, refs, TIME)).rejects.toMatchObject({ code: 'GONE' });
  });

  it.each(['is gone when its turn comes', 'breaks off', 'is shorter than it was'])('ends with an error when a file %s', async (how) => {
    const refs = await stored([['a', '1'.repeat(100_000)], ['b', '2'.repeat(100_000)]]);
    const changed: BlobStore = Object.create(blobs, {
      open: {
        value: async (key: string) => {
          const opened = await blobs.open(how === 'is gone when its turn comes' && key === 't/r/1' ? 't/r/9' : key);
          if (key !== 't/r/1' || how.startsWith('is gone')) return opened;
          opened.stream.destroy();
          const half = Readable.from(
            (async function* () {
              yield Buffer.alloc(50_000);
              if (how === 'breaks off') throw new Error('lost');
            })(),
          );
          return { ...opened, stream: half };
        },
      },
    });
    const zip = await zipOfFiles(changed, refs, TIME);
    await expect(buffer(await zip.open())).rejects.toBeInstanceOf(Error);
    await expect(buffer(await zip.open({ start: 10, end: zip.size - 1 }))).rejects.toBeInstanceOf(Error);
  });

  it('opens one file at a time, and none behind where the reader stopped', async () => {
    const refs = await stored(Array.from({ length: 9 }, (_, index) => [String(index), 'x'.repeat(500_000)] as const));
    const opened: Readable[] = [];
    const watched: BlobStore = Object.create(blobs, {
      open: {
        value: async (key: string) => {
          expect(opened.filter((stream) => !stream.closed && !stream.readableEnded).length).toBe(0);
          const result = await blobs.open(key);
          opened.push(result.stream);
          return result;
        },
      },
    });
    const stream = await (await zipOfFiles(watched, refs, TIME)).open();
    let read = 0;
    for await (const chunk of stream) if ((read += (chunk as Buffer).length) > 700_000) break;
    expect(stream.destroyed).toBe(true);
    for (const at of opened) if (!at.closed) await new Promise((resolve) => at.once('close', resolve));
    // Two were begun, and what pipes hold in between may have asked for a third.
    expect(opened.length).toBeLessThanOrEqual(3);
  });
});
