import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { describeBlobStore } from './conformance';
import { createFsBlobStore } from './fs-blob-store';
import { namesIn } from './staging';

const newRoot = (): Promise<string> => mkdtemp(path.join(tmpdir(), 'millrace-fs-store-'));

describeBlobStore(
  'fs',
  async () => {
    const root = await newRoot();
    return { store: createFsBlobStore(root), residue: () => namesIn(path.join(root, '.tmp')), close: () => rm(root, { recursive: true }) };
  },
  { bigBytes: Number(process.env.MILLRACE_TEST_BIG_BLOB ?? 512 * 1024 ** 2) },
);

describe('the fs store', () => {
  let root: string;
  beforeEach(async () => {
    root = await newRoot();
  });
  afterEach(() => rm(root, { recursive: true }));

  it('gives a path that holds the bytes, private to its user', async () => {
    const store = createFsBlobStore(root);
    await store.put('t/r/a', Readable.from(['bytes']));
    const file = store.localPath('t/r/a') as string;
    expect((await readFile(file)).toString()).toBe('bytes');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    for (const dir of [path.join(root, 'blobs'), path.join(root, '.tmp'), path.dirname(file), path.join(file, '../..')]) expect((await stat(dir)).mode & 0o777).toBe(0o700);
  });

  it('sets the modes it is told, whatever the umask', async () => {
    const store = createFsBlobStore(root, { fileMode: 0o664, dirMode: 0o750 });
    await store.put('t/r/a', Readable.from(['bytes']));
    const file = store.localPath('t/r/a') as string;
    expect((await stat(file)).mode & 0o777).toBe(0o664);
    expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o750);
  });

  it('shares one file between linked keys', async () => {
    const store = createFsBlobStore(root);
    await store.put('t/r/a', Readable.from(['bytes']));
    await store.link('t/r/a', 't/r/b');
    const [a, b] = await Promise.all(['t/r/a', 't/r/b'].map((key) => stat(store.localPath(key) as string)));
    expect(a?.ino).toBe(b?.ino);
  });

  it('dates a linked key by its link, so that a sweeper does not take it for old', async () => {
    const store = createFsBlobStore(root);
    const { modifiedAt } = await store.put('t/r/a', Readable.from(['bytes']));
    await utimes(store.localPath('t/r/a') as string, 0, 0);
    await store.link('t/r/a', 't/r/b');
    const linked = await store.stat('t/r/b');
    expect(linked?.modifiedAt.getTime()).toBeGreaterThanOrEqual(modifiedAt.getTime());
  });

  it('leaves no empty folder behind a removed blob', async () => {
    const store = createFsBlobStore(root);
    await store.put('t/r/a', Readable.from(['a']));
    await store.put('t/r/b', Readable.from(['b']));
    await store.remove('t/r/a');
    expect(await readdir(path.join(root, 'blobs/t/r'))).toEqual(['b']);
    await store.remove('t/r/b');
    expect(await readdir(path.join(root, 'blobs'))).toEqual([]);
  });

  it('shows nothing of a write that died, and clears it away once it is old', async () => {
    let reading = (): void => undefined;
    const begun = new Promise<void>((resolve) => (reading = resolve));
    let sent = false;
    const source = new Readable({
      read() {
        if (sent) reading();
        else this.push('half a file');
        sent = true;
      },
    });
    const writing = createFsBlobStore(root).put('t/r/a', source);
    const outcome = expect(writing).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await begun;

    const afterCrash = createFsBlobStore(root);
    const begunAt = Date.now();
    expect(await readdir(path.join(root, '.tmp'))).toHaveLength(1);
    expect(await afterCrash.stat('t/r/a')).toBeUndefined();
    expect(afterCrash.localPath('t/r/a')).toBeUndefined();
    expect(await afterCrash.removeAbandoned(new Date(begunAt - 3_600_000))).toBe(0);
    expect(await afterCrash.removeAbandoned(new Date(begunAt + 3_600_000))).toBe(1);
    expect(await readdir(path.join(root, '.tmp'))).toEqual([]);

    // The writer was only slow: it finds its folder gone and fails, it does not publish half a file.
    source.push(null);
    await outcome;
    expect(await afterCrash.stat('t/r/a')).toBeUndefined();
  });

  it('says SERVICE_UNAVAILABLE when the storage fails', async () => {
    const file = path.join(root, 'not-a-folder');
    await writeFile(file, '');
    const store = createFsBlobStore(file);
    const source = Readable.from(['a']);
    await expect(store.put('t/r/a', source)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
    expect(source.destroyed).toBe(true);
  });
});
