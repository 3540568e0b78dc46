import { extOf, mimeOf } from './mime';

describe('mimeOf', () => {
  it.each([
    ['jpg', 'image/jpeg'],
    ['JPEG', 'image/jpeg'],
    ['svg', 'image/svg+xml'],
    ['webp', 'image/webp'],
    ['avif', 'image/avif'],
    ['tif', 'image/tiff'],
    ['pdf', 'application/pdf'],
    ['docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    ['tar.gz', 'application/gzip'],
    ['tgz', 'application/gzip'],
    ['mp4', 'video/mp4'],
  ])('of %s is %s', (ext, mime) => expect(mimeOf(ext)).toBe(mime));

  it.each(['', 'nonsense', 'constructor', '__proto__', 'toString', '../x', 'a/b'])('of %j is unknown', (ext) => {
    expect(mimeOf(ext)).toBe('application/octet-stream');
  });
});

describe('extOf', () => {
  it.each([
    ['photo.JPEG', 'jpg'],
    ['scan.tif', 'tiff'],
    ['backup.tar.gz', 'tar.gz'],
    ['backup.TAR.BZ2', 'tar.bz2'],
    ['backup.tgz', 'tar.gz'],
    ['my.report.v1.2.docx', 'docx'],
    ['файл.pdf', 'pdf'],
    ['a.7z', '7z'],
    ['README', ''],
    ['.bashrc', ''],
    ['trailing.', ''],
    ['Dr. No and friends', ''],
    ['a.constructor', 'constructor'],
    ['', ''],
  ])('of %j is %j', (name, ext) => expect(extOf(name)).toBe(ext));
});
