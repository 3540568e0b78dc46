import { outputName } from './output-name';

const named = (filename: unknown, input: string, ext: string, index?: number, count?: number) => outputName({ options: { filename } }, { filename: input }, ext, index, count);

describe('outputName', () => {
  it.each([
    ['photo.orig.png', 'jpg', 'photo.orig.jpg'],
    ['film', 'mp3', 'film.mp3'],
    ['data.tar.gz', 'zip', 'data.zip'],
    ['.bashrc', 'pdf', 'bashrc.pdf'],
    ['', 'pdf', 'file.pdf'],
    ['../../etc/passwd.txt', 'pdf', 'passwd.pdf'],
    ['a. b c d', 'pdf', 'a. b c d.pdf'],
    ['naïve\u202e.png', 'webp', 'naïve.webp'],
  ])('%j as %s is %j', (input, ext, name) => {
    expect(named(undefined, input, ext)).toBe(name);
  });

  it('numbers several outputs of one input', () => {
    expect([0, 1, 9].map((index) => named(undefined, 'film.mp4', 'png', index, 10))).toEqual(['film-1.png', 'film-2.png', 'film-10.png']);
  });

  it('keeps the stem of each of several inputs', () => {
    expect(['a.png', 'b.png'].map((input, index) => named(undefined, input, 'jpg', index))).toEqual(['a.jpg', 'b.jpg']);
  });

  it('is the option where there is one, cleaned', () => {
    expect(named('report.pdf', 'a.docx', 'pdf')).toBe('report.pdf');
    expect(named('../x\u0000y.pdf', 'a.docx', 'pdf')).toBe('xy.pdf');
    expect(named('  ', 'a.docx', 'pdf')).toBe('a.pdf');
    expect(named(7, 'a.docx', 'pdf')).toBe('a.pdf');
  });

  it('fills in the number of the output', () => {
    expect([0, 1].map((index) => named('myfile-%d.pdf', 'a.docx', 'pdf', index, 2))).toEqual(['myfile-1.pdf', 'myfile-2.pdf']);
    expect(named('p%03d.png', 'a.pdf', 'png', 6, 12)).toBe('p007.png');
    expect(named('100%d%s%.pdf', 'a.docx', 'pdf')).toBe('1001%s%.pdf');
  });

  it('numbers the option where it holds no placeholder and is not alone', () => {
    expect([0, 1].map((index) => named('x.tar.gz', 'a', 'tar.gz', index))).toEqual(['x.tar.gz', 'x-2.tar.gz']);
    expect([0, 1].map((index) => named('x', 'a', 'png', index, 2))).toEqual(['x-1', 'x-2']);
  });
});
