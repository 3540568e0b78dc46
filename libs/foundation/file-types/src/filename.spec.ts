import fc from 'fast-check';
import { cleanFilename } from './filename';

describe('cleanFilename', () => {
  it.each([
    ['an ordinary name', 'My file (1).pdf', 'My file (1).pdf'],
    ['other scripts', '日本語 файл ünï.pdf', '日本語 файл ünï.pdf'],
    ['an emoji of several', '👩‍👩‍👧.png', '👩‍👩‍👧.png'],
    ['a path', '/etc/passwd', 'passwd'],
    ['a traversal', '../../etc/passwd', 'passwd'],
    ['a Windows path', 'C:\\Users\\me\\cv.doc', 'cv.doc'],
    ['both separators', 'a\\b/c\\d.txt', 'd.txt'],
    ['only dots', '..', 'file'],
    ['a folder', 'folder/', 'file'],
    ['nothing', '', 'file'],
    ['white space', ' \t\u00a0\n ', 'file'],
    ['a NUL', 'a.php\0.jpg', 'a.php.jpg'],
    ['CRLF', 'a"\r\nSet-Cookie: x=1', 'a"Set-Cookie: x=1'],
    ['escape sequences', '\u001b[31mred\u009b.txt', '[31mred.txt'],
    ['a bidi override', 'invoice\u202egpj.exe', 'invoicegpj.exe'],
    ['bidi isolates and marks', '\u2066a\u2069\u200f\u200e\u061c.txt', 'a.txt'],
    ['a byte order mark and zero-width space', '\ufeffa\u200bb.txt', 'ab.txt'],
    ['a line separator', 'a\u2028b.txt', 'ab.txt'],
    ['half a surrogate pair', 'a\ud800b\udfff.txt', 'ab.txt'],
    ['a decomposed letter', 'cafe\u0301.txt', 'caf\u00e9.txt'],
    ['a leading dash', '-rf.txt', 'rf.txt'],
    ['an option', '--output=x.txt', 'output=x.txt'],
    ['a hidden file', '.htaccess', 'htaccess'],
    ['dots and spaces at the end', 'a.txt. . ', 'a.txt'],
    ['an encoded slash', '..%2f..%2fetc', '%2f..%2fetc'],
    ['a device of Windows', 'CON.txt', 'CON.txt'],
    ['a printf pattern', 'page-%d.png', 'page-%d.png'],
    ['a protocol', 'concat:a|b.mp4', 'concat:a|b.mp4'],
    ['markup', '<img src=x onerror=alert(1)>.svg', '<img src=x onerror=alert(1)>.svg'],
  ])('handles %s', (_, name, clean) => expect(cleanFilename(name)).toBe(clean));

  it('keeps the extension of a long name, and whole characters', () => {
    expect(cleanFilename(`${'a'.repeat(300)}.pdf`)).toBe(`${'a'.repeat(251)}.pdf`);
    expect(cleanFilename(`${'a'.repeat(300)}.tar.gz`)).toBe(`${'a'.repeat(248)}.tar.gz`);
    expect(cleanFilename(`${'ü'.repeat(200)}.pdf`)).toBe(`${'ü'.repeat(125)}.pdf`);
    expect(cleanFilename('🙂'.repeat(100))).toBe('🙂'.repeat(63));
    expect(cleanFilename(`${'a'.repeat(240)}.${'b'.repeat(100)}`)).toBe(`${'a'.repeat(240)}.${'b'.repeat(14)}`);
  });

  it('always gives one safe segment of a path, and is stable', () => {
    const nasty = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('.', '-', '/', '\\', ' ', '\0', '\ud800', '\u202e', '\u0301', 'é'.repeat(130), '.tar.gz')), { maxLength: 8 });
    fc.assert(
      fc.property(nasty, (parts) => {
        const clean = cleanFilename(parts.join(''));
        expect(clean).not.toMatch(/[\p{Cc}/\\\p{Surrogate}\u202a-\u202e]|^[\s.-]|^$|[\s.]$/u);
        expect(Buffer.byteLength(clean)).toBeLessThanOrEqual(255);
        expect(cleanFilename(clean)).toBe(clean);
      }),
      { numRuns: 3000 },
    );
  });
});
