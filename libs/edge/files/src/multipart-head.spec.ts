import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { MultipartHead } from './multipart-head';

const rewrite = (chunks: Buffer[]): Promise<Buffer> => buffer(Readable.from(chunks).compose(new MultipartHead('b')));
const form = Buffer.from(
  '--b\r\ncontent-disposition:form-data;name=key\r\n\r\nvalue\r\n--b\r\ncontent-disposition:form-data;name="file";filename=a b.png\r\ncontent-type:image/png\r\n\r\n\0\xff--b\r\ncontent-disposition: kept\r\n\r\n--b--\r\n',
  'latin1',
);
const expected =
  '--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nvalue\r\n--b\r\nContent-Disposition: form-data; name="file"; filename*=UTF-8\'\'a%20b.png\r\ncontent-type:image/png\r\n\r\n\0\xff--b\r\ncontent-disposition: kept\r\n\r\n--b--\r\n';

it('rewrites headers up to the first file and not a byte behind them', async () => {
  expect((await rewrite([form])).toString('latin1')).toBe(expected);
});

it('does so wherever the chunks are cut', async () => {
  for (let at = 1; at < form.length; at += 1) expect((await rewrite([form.subarray(0, at), form.subarray(at)])).toString('latin1')).toBe(expected);
  expect((await rewrite([...form].map((byte) => Buffer.of(byte)))).toString('latin1')).toBe(expected);
});

it('lets a form without a file pass, and refuses an endless head', async () => {
  const fields = Buffer.from('--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--\r\n');
  expect(await rewrite([fields])).toEqual(fields);
  await expect(rewrite([Buffer.alloc(65_537)])).rejects.toMatchObject({ code: 'INVALID_DATA' });
});
