import fc from 'fast-check';
import { cleanFilename } from './filename';
import { uniqueFilenames } from './unique-names';

describe('uniqueFilenames', () => {
  it.each([
    ['different names', ['a.pdf', 'b.pdf'], ['a.pdf', 'b.pdf']],
    ['one name three times', ['a.pdf', 'a.pdf', 'a.pdf'], ['a.pdf', 'a (2).pdf', 'a (3).pdf']],
    ['cases of letters', ['A.pdf', 'a.PDF', 'STRASSE.txt', 'straße.txt'], ['A.pdf', 'a (2).PDF', 'STRASSE.txt', 'straße (2).txt']],
    ['compositions', ['é.txt', 'e\u0301.txt'], ['é.txt', 'é (2).txt']],
    ['a number that is taken', ['a (2).pdf', 'a.pdf', 'a.pdf'], ['a (2).pdf', 'a.pdf', 'a (3).pdf']],
    ['a number that comes later', ['a.pdf', 'a.pdf', 'a (2).pdf'], ['a.pdf', 'a (2).pdf', 'a (2) (2).pdf']],
    ['double endings and none', ['x.tar.gz', 'x.tar.gz', 'README', 'readme'], ['x.tar.gz', 'x (2).tar.gz', 'README', 'readme (2)']],
    ['paths and tricks', ['../../a', '/etc/a', '', '..'], ['a', 'a (2)', 'file', 'file (2)']],
  ])('handles %s', (_, names, unique) => expect(uniqueFilenames(names)).toEqual(unique));

  it('numbers long names within 255 bytes', () => {
    const long = `${'ü'.repeat(200)}.pdf`;
    const [first, second] = uniqueFilenames([long, long]);
    expect(first).toBe(cleanFilename(long));
    expect(second).toMatch(/ü \(2\)\.pdf$/);
    expect(Buffer.byteLength(second!)).toBeLessThanOrEqual(255);
  });

  it('never gives two names that a file system takes for one', () => {
    const nasty = fc.constantFrom('a', 'A', 'a (2)', 'A (2)', 'a (3).b', 'é', 'e\u0301', 'ß', 'SS', '.', '/', '', 'x'.repeat(300), 'ſ', 's', 'ς', 'Σ');
    fc.assert(
      fc.property(fc.array(nasty, { maxLength: 30 }), (names) => {
        const unique = uniqueFilenames(names);
        expect(new Set(unique.map((name) => name.toLowerCase().normalize('NFC'))).size).toBe(names.length);
        for (const name of unique) expect(cleanFilename(name)).toBe(name);
      }),
    );
  });
});
