import { decodeBytes, parseDisposition } from './disposition';

const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

it.each([
  ['form-data; name="file"; filename="a b.png"', { name: 'file', filename: 'a b.png' }],
  ['form-data;name="file";filename=my file.png', { name: 'file', filename: 'my file.png' }],
  ['form-data; name=file; filename=in.pdf; filename*=utf-8\'\'n%C3%A4me.pdf', { name: 'file', filename: 'näme.pdf' }],
  ['form-data; filename="x=y;name=z.png"; name="file"', { name: 'file', filename: 'x=y;name=z.png' }],
  ['form-data; name="file"; filename*=iso-8859-1\'en\'%e4.png', { name: 'file', filename: 'ä.png' }],
  ['form-data; name="file"; filename="ok.png"; filename*=utf-8\'\'%zz', { name: 'file', filename: 'ok.png' }],
  ['form-data; name="file"; filename=""', { name: 'file', filename: '' }],
  ['form-data; name="a\\"b"', { name: 'a"b' }],
  ['form-data; NAME="file"; FileName="x"', { name: 'file', filename: 'x' }],
  ['form-data', {}],
])('reads %s', (line, expected) => {
  expect(parseDisposition(line)).toEqual(expected);
});

it('takes bytes for UTF-8 where they are, else for Latin-1', () => {
  expect(parseDisposition(`form-data; name="file"; filename="${bytes('東京.png')}"`).filename).toBe('東京.png');
  expect(decodeBytes('na\xefve')).toBe('naïve');
});
