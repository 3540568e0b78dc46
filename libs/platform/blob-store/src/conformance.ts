import { createHash } from 'node:crypto';
import { mkdtemp, open, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { BlobEntry, BlobStore } from './blob-store';

/** One store under test, empty at first. */
export interface StoreUnderTest {
  readonly store: BlobStore;
  /** What an unfinished write could leave: temporary files, open multipart uploads. */
  residue(): Promise<string[]>;
  close(): Promise<void>;
}

const BAD_KEYS = ['', 'a', 'a/b', 'a/b/c/d', '/a/b/c', 'a//c', 'a/b/', '../b/c', 'a/../c', 'a/b/..', 'a/./c', 'a/b/c\0', 'a/b/c\n', 'a\\b/c/d', 'a/b/..\\c', `a/b/${'x'.repeat(256)}`, `a/b/${'ü'.repeat(128)}`, 'a/b/\ud800'];
const UNICODE_KEYS = ['t/r/日本語.pdf', 't/r/Ünïcödé файл.txt', 't/r/👩‍👩‍👧.png', 't/r/cafe\u0301', 't/r/caf\u00e9', 't/r/..%2f..%2fetc', 't/r/-rf', 't/r/.hidden', 't/r/a b+c&d=?#%', `t/r/${'é'.repeat(127)}x`];

const digest = (algorithm: string, bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest('hex');
const bytesOf = async (store: BlobStore, key: string, range = {}): Promise<string> => (await buffer((await store.open(key, range)).stream)).toString();
const listed = async (entries: AsyncIterable<BlobEntry>): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of entries) keys.push(key);
  return keys;
};
const failsWith = (code: string) => expect.objectContaining({ code });

/** Gives some bytes, tells when they were asked for, and then nothing: an upload that hangs. */
function stalled(): { source: Readable; reading: Promise<void> } {
  let begun = (): void => undefined;
  const reading = new Promise<void>((resolve) => (begun = resolve));
  let sent = false;
  const source = new Readable({
    read() {
      if (sent) begun();
      else this.push(Buffer.alloc(100_000, 1));
      sent = true;
    },
  });
  return { source, reading };
}

/**
 * The contract of `BlobStore` as tests; every adapter's spec calls it. `bigBytes` is the size of the large blob: 5 GB shows what
 * 32-bit offsets break, the default keeps the suite quick. `rounds` is how often neighbours write and remove at the same time.
 */
export function describeBlobStore(name: string, make: () => Promise<StoreUnderTest>, { bigBytes = 512 * 1024 ** 2, rounds = 10 } = {}): void {
  describe(`${name}: the contract of BlobStore`, () => {
    let under: StoreUnderTest;
    let store: BlobStore;
    let dir: string;

    beforeEach(async () => {
      under = await make();
      store = under.store;
      dir = await mkdtemp(path.join(tmpdir(), 'millrace-blobs-'));
    });

    afterEach(async () => {
      await under.close();
      await rm(dir, { recursive: true });
    });

    const put = (key: string, text: string) => store.put(key, Readable.from([Buffer.from(text)]));
    const nothingLeft = async (key: string): Promise<void> => {
      expect(await store.stat(key)).toBeUndefined();
      expect(await listed(store.list(''))).toEqual([]);
      expect(await under.residue()).toEqual([]);
    };

    it('stores bytes with their size, digests and time', async () => {
      const before = Date.now() - 2000;
      const written = await store.put('t/r/a.txt', Readable.from([Buffer.from('hello '), Buffer.from('world')]), { contentType: 'text/plain' });
      expect(written).toEqual({ key: 't/r/a.txt', size: 11, md5: digest('md5', Buffer.from('hello world')), sha256: digest('sha256', Buffer.from('hello world')), modifiedAt: expect.any(Date) });
      expect(written.modifiedAt.getTime()).toBeGreaterThanOrEqual(before);
      expect(await store.stat('t/r/a.txt')).toEqual(written);
      const { stream, stat } = await store.open('t/r/a.txt');
      expect([stat, (await buffer(stream)).toString()]).toEqual([written, 'hello world']);
      expect(await under.residue()).toEqual([]);
    });

    it('stores an empty object', async () => {
      const written = await store.put('t/r/empty', Readable.from([]));
      expect(written).toMatchObject({ size: 0, md5: 'd41d8cd98f00b204e9800998ecf8427e' });
      expect(await bytesOf(store, 't/r/empty')).toBe('');
      await expect(store.open('t/r/empty', { start: 1 })).rejects.toEqual(failsWith('INVALID_DATA'));
      await expect(store.open('t/r/empty', { start: 0, end: 0 })).rejects.toEqual(failsWith('INVALID_DATA'));
    });

    it('takes a stream of text', async () => {
      await store.put('t/r/text', Readable.from(['grün', '🙂']));
      expect(await bytesOf(store, 't/r/text')).toBe('grün🙂');
    });

    it('reads ranges, both ends inclusive', async () => {
      await put('t/r/digits', '0123456789');
      expect(await bytesOf(store, 't/r/digits', { start: 2, end: 4 })).toBe('234');
      expect(await bytesOf(store, 't/r/digits', { start: 0, end: 0 })).toBe('0');
      expect(await bytesOf(store, 't/r/digits', { end: 3 })).toBe('0123');
      expect(await bytesOf(store, 't/r/digits', { start: 9 })).toBe('9');
      expect(await bytesOf(store, 't/r/digits', { start: 8, end: 1000 })).toBe('89');
      for (const range of [{ start: 10 }, { start: 5, end: 4 }, { start: -1 }, { start: 1.5 }, { start: NaN }, { end: -1 }]) {
        await expect(store.open('t/r/digits', range)).rejects.toEqual(failsWith('INVALID_DATA'));
      }
    });

    it('says BLOB_NOT_FOUND for what is missing', async () => {
      await expect(store.open('t/r/none')).rejects.toEqual(failsWith('BLOB_NOT_FOUND'));
      await expect(store.link('t/r/none', 't/r/other')).rejects.toEqual(failsWith('BLOB_NOT_FOUND'));
      expect(await store.stat('t/r/none')).toBeUndefined();
      expect(store.localPath?.('t/r/none')).toBeUndefined();
      await nothingLeft('t/r/other');
    });

    it.each(UNICODE_KEYS)('keeps the key %s', async (key) => {
      await put(key, key);
      expect(await bytesOf(store, key)).toBe(key);
      expect(await listed(store.list('t/r/'))).toEqual([key]);
    });

    it('tells a composed from a decomposed letter', async () => {
      await put('t/r/caf\u00e9', 'composed');
      expect(await store.stat('t/r/cafe\u0301')).toBeUndefined();
    });

    it.each(BAD_KEYS)('refuses the key %j', async (key) => {
      await put('ok/ok/ok', 'ok');
      const source = Readable.from(['x']);
      await expect(store.put(key, source)).rejects.toEqual(failsWith('INVALID_DATA'));
      expect(source.destroyed).toBe(true);
      await expect(store.putFile(key, __filename)).rejects.toEqual(failsWith('INVALID_DATA'));
      await expect(store.open(key)).rejects.toEqual(failsWith('INVALID_DATA'));
      await expect(store.stat(key)).rejects.toEqual(failsWith('INVALID_DATA'));
      await expect(store.remove(key)).rejects.toEqual(failsWith('INVALID_DATA'));
      await expect(store.link('ok/ok/ok', key)).rejects.toEqual(failsWith('INVALID_DATA'));
      await expect(store.link(key, 'ok/ok/to')).rejects.toEqual(failsWith('INVALID_DATA'));
      expect(await listed(store.list(''))).toEqual(['ok/ok/ok']);
    });

    it('leaves nothing when aborted midway, and rejects with the reason', async () => {
      const { source, reading } = stalled();
      const abort = new AbortController();
      const reason = new Error('the customer went');
      const writing = store.put('t/r/half', source, { signal: abort.signal });
      const outcome = expect(writing).rejects.toBe(reason);
      await reading;
      expect(await store.stat('t/r/half')).toBeUndefined();
      expect(await listed(store.list(''))).toEqual([]);
      abort.abort(reason);
      await outcome;
      expect(source.destroyed).toBe(true);
      await nothingLeft('t/r/half');
    });

    it('does not begin when aborted before', async () => {
      const reason = new Error('too late');
      await expect(store.put('t/r/late', Readable.from(['x']), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      await nothingLeft('t/r/late');
    });

    it.each(['at once', 'midway', 'by a cut'])('leaves nothing when the source fails %s', async (when) => {
      const broken = new Error('connection reset');
      const { source, reading } = stalled();
      const outcome = expect(store.put('t/r/broken', source)).rejects.toEqual(when === 'by a cut' ? expect.objectContaining({ code: 'ERR_STREAM_PREMATURE_CLOSE' }) : broken);
      if (when !== 'at once') await reading;
      source.destroy(when === 'by a cut' ? undefined : broken);
      await outcome;
      await nothingLeft('t/r/broken');
    });

    it('takes maxBytes and not one byte more', async () => {
      expect(await store.put('t/r/fits', Readable.from([Buffer.alloc(6), Buffer.alloc(4)]), { maxBytes: 10 })).toMatchObject({ size: 10 });
      await store.remove('t/r/fits');
      const source = Readable.from([Buffer.alloc(6), Buffer.alloc(5)]);
      await expect(store.put('t/r/over', source, { maxBytes: 10 })).rejects.toEqual(failsWith('LIMIT_EXCEEDED'));
      expect(source.destroyed).toBe(true);
      await nothingLeft('t/r/over');
    });

    it('keeps the first complete write of a key', async () => {
      const first = await put('t/r/a', 'first');
      expect(await put('t/r/a', 'second, longer')).toEqual(first);
      expect(await bytesOf(store, 't/r/a')).toBe('first');
      expect(await under.residue()).toEqual([]);
      await store.remove('t/r/a');
      await put('t/r/a', 'third');
      expect(await bytesOf(store, 't/r/a')).toBe('third');
    });

    it('lets one of many concurrent puts win, whole, and tells all of them which', async () => {
      const texts = Array.from({ length: 12 }, (_, i) => String(i).repeat(200_000 + i));
      const stats = await Promise.all(texts.map((text) => put('t/r/race', text)));
      const text = await bytesOf(store, 't/r/race');
      expect(texts).toContain(text);
      expect(new Set(stats.map(({ sha256 }) => sha256))).toEqual(new Set([digest('sha256', Buffer.from(text))]));
      expect(await under.residue()).toEqual([]);
    });

    it('stores many keys at once while neighbours are removed', async () => {
      const writers = Array.from({ length: 4 * rounds }, async (_, i) => {
        await put(`t/r/${i}`, String(i));
        if (i % 2) await store.remove(`t/r/${i}`);
      });
      await Promise.all(writers);
      expect(new Set(await listed(store.list('t/r/')))).toEqual(new Set(Array.from({ length: 2 * rounds }, (_, i) => `t/r/${i * 2}`)));
    });

    it('stores into a folder that removals empty all the time', async () => {
      const writers = Array.from({ length: 2 * rounds }, async (_, writer) => {
        for (let round = 0; round < rounds; round += 1) {
          await put(`t/r/${writer}`, `${writer} ${round}`);
          expect(await bytesOf(store, `t/r/${writer}`)).toBe(`${writer} ${round}`);
          await store.remove(`t/r/${writer}`);
        }
      });
      await Promise.all(writers);
      await nothingLeft('t/r/0');
    });

    it('removes a blob, and what is not there', async () => {
      await put('t/r/a', 'a');
      const { stream } = await store.open('t/r/a');
      await store.remove('t/r/a');
      expect((await buffer(stream)).toString()).toBe('a');
      await store.remove('t/r/a');
      await store.remove('never/was/there');
      await nothingLeft('t/r/a');
    });

    it('links a blob, which outlives its origin', async () => {
      const original = await put('t/r/a', 'bytes');
      await store.link('t/r/a', 'u/s/b');
      await store.link('t/r/a', 'u/s/b');
      const { modifiedAt } = (await store.stat('u/s/b')) ?? {};
      expect(await store.stat('u/s/b')).toEqual({ ...original, key: 'u/s/b', modifiedAt });
      expect(modifiedAt?.getTime()).toBeGreaterThanOrEqual(original.modifiedAt.getTime());
      await store.remove('t/r/a');
      expect(await bytesOf(store, 'u/s/b')).toBe('bytes');
      await put('t/r/other', 'other');
      await expect(store.link('t/r/other', 'u/s/b')).rejects.toEqual(failsWith('CONFLICT'));
      expect(await bytesOf(store, 'u/s/b')).toBe('bytes');
      expect(await under.residue()).toEqual([]);
    });

    it('lists by prefix in byte order, in pages', async () => {
      const keys = ['a!/r/x', 'a/r!/x', 'a/r/x', 'a/r/x.y', 'a/r/y', 'a/r/\uff5e', 'a/r/🙂', 'ab/r/x', 'b/q/x'];
      for (const key of [...keys].reverse()) await put(key, key);
      expect(await listed(store.list(''))).toEqual(keys);
      expect(await listed(store.list('a/'))).toEqual(keys.slice(1, 7));
      expect(await listed(store.list('a'))).toEqual(keys.slice(0, 8));
      expect(await listed(store.list('a/r/x'))).toEqual(['a/r/x', 'a/r/x.y']);
      expect(await listed(store.list('none/'))).toEqual([]);
      const paged: string[] = [];
      for (let after: string | undefined, page: string[] = ['']; page.length > 0; after = page.at(-1)) {
        page = await listed(store.list('', { after, limit: 2 }));
        expect(page.length).toBeLessThanOrEqual(2);
        paged.push(...page);
      }
      expect(paged).toEqual(keys);
      expect(await listed(store.list('', { after: 'a/r/m' }))).toEqual(keys.slice(2).filter((key) => key > 'a/r/m'));
      for (const prefix of ['../', 'a/../', '/', 'a//', 'a/b/c/', 'a\0']) await expect(listed(store.list(prefix))).rejects.toEqual(failsWith('INVALID_DATA'));
      for await (const entry of store.list('b/')) expect(entry).toEqual({ key: 'b/q/x', size: 5, modifiedAt: expect.any(Date) });
    });

    it('stores a copy of a local file', async () => {
      const file = path.join(dir, 'source');
      await writeFile(file, 'from a file');
      expect(await store.putFile('t/r/file', file)).toMatchObject({ size: 11, md5: digest('md5', Buffer.from('from a file')) });
      await writeFile(file, 'changed afterwards');
      expect(await bytesOf(store, 't/r/file')).toBe('from a file');
      expect((await readFile(file)).toString()).toBe('changed afterwards');
      await expect(store.putFile('t/r/limited', file, { maxBytes: 3 })).rejects.toEqual(failsWith('LIMIT_EXCEEDED'));
    });

    it('stores no link, folder or missing file', async () => {
      await symlink(__filename, path.join(dir, 'link'));
      for (const file of [path.join(dir, 'link'), dir, path.join(dir, 'none')]) await expect(store.putFile('t/r/file', file)).rejects.toEqual(failsWith('INVALID_INPUT'));
      await nothingLeft('t/r/file');
    });

    it('stores a large sparse file and reads its last bytes', async () => {
      const file = path.join(dir, 'large');
      const handle = await open(file, 'w');
      await handle.write('end', bigBytes - 3);
      await handle.close();
      expect(await store.putFile('t/r/large', file)).toMatchObject({ size: bigBytes });
      await truncate(file);
      expect(await bytesOf(store, 't/r/large', { start: bigBytes - 4 })).toBe('\0end');
      expect(await bytesOf(store, 't/r/large', { start: bigBytes - 3, end: bigBytes - 2 })).toBe('en');
    }, 300_000);
  });
}
