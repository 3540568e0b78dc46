import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createFsBlobStore } from '@millrace/blob-store';
import { Failure } from '@millrace/failures';
import type { RunFolders } from '../ports';
import { BlobRunFiles } from './blob-run-files';

describe('BlobRunFiles', () => {
  const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082', 'hex');
  let root: string;
  let blobs: ReturnType<typeof createFsBlobStore>;
  let files: BlobRunFiles;
  let folders: RunFolders;
  let live: AbortController;

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'run-files-'));
    blobs = createFsBlobStore(path.join(root, 'blobs'));
    files = new BlobRunFiles(blobs, path.join(root, 'scratch'));
    folders = await files.open('t', 'r');
    live = new AbortController();
  });

  afterEach(() => rm(root, { recursive: true }));

  const out = (name: string): string => path.join(folders.outDir, name);
  const store = (name: string, expect?: string) => files.store('t', 'r', { path: out(name), filename: name, ...(expect && { expect }) }, 0);
  const put = (source: Readable, maxBytes?: number) => files.put('t', 'r', 'a.bin', source, 0, { signal: live.signal, ...(maxBytes !== undefined && { maxBytes }) });
  const stored = async (): Promise<string[]> => {
    const keys: string[] = [];
    for await (const { key } of blobs.list('')) keys.push(key);
    return [...keys, ...(await readdir(path.join(root, 'blobs', '.tmp')).catch(() => []))];
  };

  it('stores an output of the promised type under its run', async () => {
    await writeFile(out('a.png'), PNG);
    expect(await store('a.png', 'png')).toMatchObject({ blob: 't/r/0', name: 'a.png', size: PNG.length, type: 'png', mime: 'image/png' });
    expect(await stored()).toEqual(['t/r/0']);
  });

  it.each(['missing', 'empty', 'symlink', 'folder', 'jpg'])('takes an output that is %s for a crash, and stores nothing', async (what) => {
    await writeFile(path.join(root, 'secret.png'), PNG);
    if (what === 'empty') await writeFile(out(what), '');
    if (what === 'symlink') await symlink(path.join(root, 'secret.png'), out(what));
    if (what === 'folder') await mkdir(out(what));
    if (what === 'jpg') await writeFile(out(what), PNG);
    await expect(store(what, what === 'jpg' ? 'jpg' : undefined)).rejects.toMatchObject({ code: 'ENGINE_CRASHED' });
    expect(await stored()).toEqual([]);
  });

  it('links inputs, each alone in its folder, under a name of ours', async () => {
    await blobs.put('i/r/0', Readable.from(['bytes']));
    const input = { blob: 'i/r/0', name: '-rf.png', size: 5, type: 'png', task: 'i' };
    const paths = [await files.fetch(input, 0, folders), await files.fetch(input, 1, folders)];
    expect(await readdir(folders.inDir)).toEqual(['0', '1']);
    for (const file of paths) {
      expect(await readdir(path.dirname(file))).toEqual(['input.png']);
      expect((await stat(file)).ino).toBe((await stat(blobs.localPath('i/r/0')!)).ino);
    }
    await files.close(folders);
    expect(await readdir(path.join(root, 'scratch'))).toEqual([]);
    expect((await readFile(blobs.localPath('i/r/0')!)).toString()).toBe('bytes');
  });

  it('says that an input is gone', async () => {
    await expect(files.fetch({ blob: 'i/r/0', name: 'a', size: 1, task: 'i' }, 0, folders)).rejects.toMatchObject({ code: 'BLOB_NOT_FOUND' });
  });

  it('puts a stream, and knows its type', async () => {
    expect(await put(Readable.from([PNG.subarray(0, 3), PNG.subarray(3)]))).toMatchObject({ blob: 't/r/0', size: PNG.length, type: 'png' });
  });

  it('leaves nothing of a stream that breaks, and tells its error', async () => {
    const broken = async function* (): AsyncGenerator<Buffer> {
      yield PNG;
      throw new Failure('DOWNLOAD_FAILED', 'The server hung up');
    };
    await expect(put(Readable.from(broken()))).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' });
    expect(await stored()).toEqual([]);
  });

  it('leaves nothing of a stream that is too long, and says so', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(65_536);
      })(),
    );
    await expect(put(endless, 200_000)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(endless.destroyed).toBe(true);
    expect(await stored()).toEqual([]);
  });

  it('leaves nothing of a stream whose run is stopped', async () => {
    const silent = new Readable({ read: () => undefined });
    silent.push(PNG);
    const putting = put(silent);
    live.abort('unwanted');
    await expect(putting).rejects.toBeDefined();
    expect(silent.destroyed).toBe(true);
    expect(await stored()).toEqual([]);
  });

  it('keeps long lists beside the bus', async () => {
    await files.writeList('t/r/.outputs.json', [{ a: 1 }]);
    expect(await files.readList('t/r/.outputs.json')).toEqual([{ a: 1 }]);
  });
});
