import { documentType, readableType } from './document-type';

describe('documentType', () => {
  it.each([
    ['docx', 'a.docx', 'docx'],
    ['docx', 'a.docm', 'docm'],
    ['docx', 'a.doc', 'docx'],
    ['docx', 'a.xlsx', 'docx'],
    ['zip', 'a.xlsx', 'xlsx'],
    ['zip', 'a.zip', undefined],
    ['zip', 'a.html', undefined],
    ['cfb', 'a.doc', 'doc'],
    ['cfb', 'protected.docx', 'docx'],
    ['cfb', 'a.msi', undefined],
    ['encrypted', 'a.pptx', 'pptx'],
    ['encrypted', 'a.xls', 'xlsx'],
    ['encrypted', 'a.bin', undefined],
    ['encrypted', 'a.odt', undefined],
    ['doc', 'a.docx', 'doc'],
    ['msg', 'a.doc', undefined],
    ['rtf', 'a.doc', 'rtf'],
    [undefined, 'a.csv', 'csv'],
    [undefined, 'a.htm', 'html'],
    [undefined, 'a.fodt', 'fodt'],
    [undefined, 'a.doc', undefined],
    [undefined, 'a.docx', undefined],
    [undefined, 'README', undefined],
    ['pdf', 'a.docx', undefined],
    ['jpg', 'a.jpeg', 'jpg'],
    ['mp4', 'a.odt', undefined],
  ])('of content %s named %s is %s', (type, filename, expected) => expect(documentType({ type, filename })).toBe(expected));

  it('hears the sender about text, before the name, and never against the content', () => {
    expect(documentType({ filename: 'data.txt' }, 'csv')).toBe('csv');
    expect(documentType({ filename: 'page' }, 'html')).toBe('html');
    expect(documentType({ filename: 'page.html' }, 'doc')).toBe('html');
    expect(documentType({ type: 'rtf', filename: 'a.rtf' }, 'docx')).toBe('rtf');
  });
});

test('what cannot be read is refused with what can', () => {
  expect(() => readableType({ filename: 'page.doc' })).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', publicMessage: expect.stringMatching(/page\.doc.*docx, docm/) }));
});

test('of a protected document that nothing tells the kind of, the kind is asked for', () => {
  expect(() => readableType({ type: 'encrypted', filename: 'a.bin' })).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', publicMessage: expect.stringMatching(/protected.*input_format: docx/) }));
  expect(readableType({ type: 'encrypted', filename: 'a.bin' }, 'doc')).toBe('docx');
});
