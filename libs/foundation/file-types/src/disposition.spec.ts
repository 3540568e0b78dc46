import { parse } from 'content-disposition';
import fc from 'fast-check';
import { contentDisposition } from './disposition';
import { cleanFilename } from './filename';

describe('contentDisposition', () => {
  it.each([
    ['attachment', 'my file.pdf', 'attachment; filename="my file.pdf"'],
    ['inline', 'a.pdf', 'inline; filename="a.pdf"'],
    ['attachment', 'naïve.pdf', "attachment; filename=\"na_ve.pdf\"; filename*=UTF-8''na%C3%AFve.pdf"],
    ['attachment', '🙂.png', "attachment; filename=\"_.png\"; filename*=UTF-8''%F0%9F%99%82.png"],
    ['attachment', 'a"b.txt', "attachment; filename=\"a_b.txt\"; filename*=UTF-8''a%22b.txt"],
    ['attachment', '50%41.txt', "attachment; filename=\"50_41.txt\"; filename*=UTF-8''50%2541.txt"],
    ['attachment', '../../etc/passwd', 'attachment; filename="passwd"'],
    ['attachment', '', 'attachment; filename="file"'],
  ] as const)('of %s %j', (kind, name, header) => expect(contentDisposition(kind, name)).toBe(header));

  it('is one header whatever the name', () => {
    const header = contentDisposition('attachment', 'a"\r\nSet-Cookie: x=1');
    expect(header).not.toMatch(/[\r\n]/);
    expect(new Headers({ 'content-disposition': header }).get('set-cookie')).toBeNull();
  });

  it('is ASCII and carries the cleaned name, for any name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const header = contentDisposition('attachment', name);
        expect(header).toMatch(/^[\x20-\x7e]+$/);
        expect(parse(header).parameters.filename).toBe(cleanFilename(name));
      }),
      { numRuns: 2000 },
    );
  });
});
