import { factsOf } from './facts';

describe('factsOf', () => {
  it('keeps scalars and joins lists', () => {
    const record = { PageCount: 3, Author: 'Zoë', Encrypted: false, Empty: null, Keywords: ['a', 2, true, 'b'], 'XMP-dc:Title': 'x' };
    expect(factsOf(record)).toEqual({ facts: { PageCount: 3, Author: 'Zoë', Encrypted: false, Empty: null, Keywords: 'a, 2, true, b', 'XMP-dc:Title': 'x' }, omitted: 0 });
  });

  it('says nothing of our own copy, nor of the program', () => {
    const ours = { SourceFile: '/s/in/0/input.jpg', Directory: '/s/in/0', FileName: 'input.jpg', FilePermissions: '-rw', FileModifyDate: 'd', FileAccessDate: 'd', FileInodeChangeDate: 'd', ExifToolVersion: 12 };
    expect(factsOf({ ...ours, FileSize: '5 kB' }).facts).toEqual({ FileSize: '5 kB' });
  });

  it('leaves out what nobody can read, and what no name is', () => {
    const record = JSON.parse('{"ThumbnailImage":"(Binary data 50 bytes, use -b option to extract)","Deep":{"a":1},"Inf":1e999,"__proto__":"x","a b":1,"None":[],"Warning":"Install Archive::Zip to decode compressed ZIP information"}') as Record<string, unknown>;
    expect(factsOf(record).facts).toEqual({});
    expect(Object.getPrototypeOf(factsOf(record).facts)).toBe(Object.prototype);
  });

  it('cleans controls and halves of characters, and keeps line breaks', () => {
    expect(factsOf({ A: 'a\u0007\u0000b\u009bc\r\n\td', B: 'x\ud800y' }).facts).toEqual({ A: 'a  b c \n\td', B: 'x y' });
    expect(factsOf({ A: `${'x'.repeat(999)}😀` }).facts['A']).toBe(`${'x'.repeat(999)} …`);
  });

  it('cuts long values and lists', () => {
    const { facts } = factsOf({ Text: 'x'.repeat(5000), List: Array.from({ length: 5000 }, () => 'ab') });
    expect([String(facts['Text']).length, String(facts['List']).length]).toEqual([1001, 1001]);
  });

  it('keeps what fits into 32 KB, and counts the rest', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`Tag${index}`, '€'.repeat(1000)]));
    const { facts, omitted } = factsOf({ ...many, Last: 1 });
    expect([Object.keys(facts).length, omitted, facts['Tag0'], facts['Last']]).toEqual([11, 90, '€'.repeat(1000), 1]);
    expect(Buffer.byteLength(JSON.stringify(facts))).toBeLessThanOrEqual(32 * 1024);
  });
});
