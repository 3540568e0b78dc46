import { PassThrough } from 'node:stream';
import type { BlobStore } from './blob-store';
import { receiveFile } from './receive-file';

const never = { put: () => new Promise(() => undefined) } as unknown as BlobStore;

it.each([new Error('cut'), undefined])('a file that was cut before anybody read it (%s) is given up at once', async (error) => {
  const source = new PassThrough();
  source.on('error', () => undefined);
  source.write('half');
  source.destroy(error);
  await expect(receiveFile(never, 'task', source, 'a.png', 100)).rejects.toThrow('cut');
});

it('one that is cut while it is read fails with the error of its source', async () => {
  const reading = { put: async (_: string, from: AsyncIterable<Buffer>) => { for await (const chunk of from) expect(chunk.length).toBe(4); } } as unknown as BlobStore;
  const source = new PassThrough();
  const received = receiveFile(reading, 'task', source, 'a.png', 100);
  source.write('half');
  source.destroy(new Error('cut'));
  await expect(received).rejects.toThrow('cut');
});
