import { importedName } from './filename';

const name = (headers: Record<string, string>, url = 'https://a.test/', wanted?: string): string => importedName({ wanted, headers, url });
/** As Node hands it out when a server sends UTF-8. */
const onTheWire = (text: string): string => Buffer.from(text).toString('latin1');

describe('importedName', () => {
  it('prefers the wanted name, then the disposition, then the path, then the type', () => {
    const headers = { 'content-disposition': 'attachment; filename="b.png"', 'content-type': 'image/jpeg' };
    expect(name(headers, 'https://a.test/x/c.gif', 'a.webp')).toBe('a.webp');
    expect(name(headers, 'https://a.test/x/c.gif')).toBe('b.png');
    expect(name({ 'content-type': 'image/jpeg' }, 'https://a.test/x/c.gif?d=e.pdf')).toBe('c.gif');
    expect(name({ 'content-type': 'image/jpeg; q=1' }, 'https://a.test/x/')).toBe('file.jpg');
    expect(name({ 'content-type': 'no/such' })).toBe('file');
    expect(name({})).toBe('file');
  });

  it.each([
    [`attachment; filename*=UTF-8''gr%C3%BC%C3%9Fe.png; filename="x.png"`, 'grüße.png'],
    [`attachment; filename="x.png"; filename*=UTF-8''gr%C3%BC%C3%9Fe.png`, 'grüße.png'],
    [`ATTACHMENT; FILENAME=plain.png`, 'plain.png'],
    [`attachment; filename="a \\(b\\), \\c; d.png"`, 'a (b), c; d.png'],
    [`inline; filename="im age.png"`, 'im age.png'],
    [onTheWire('attachment; filename="größe.png"'), 'größe.png'],
    [`attachment; filename="${Buffer.from([0x67, 0x72, 0xfc]).toString('latin1')}.png"`, 'grü.png'],
    [`attachment; filename=""`, 'fallback.bin'],
    [`attachment`, 'fallback.bin'],
    [`;;;`, 'fallback.bin'],
  ])('reads %j', (header, expected) => {
    expect(name({ 'content-disposition': header }, 'https://a.test/fallback.bin')).toBe(expected);
  });

  it('decodes the path once, and takes it as it stands when it is not well formed', () => {
    expect(name({}, 'https://a.test/gr%C3%BC%C3%9Fe%20x.png')).toBe('grüße x.png');
    expect(name({}, 'https://a.test/50%25.png')).toBe('50%.png');
    expect(name({}, 'https://a.test/a%zz.png')).toBe('a%zz.png');
  });

  it.each(['../../etc/passwd', '..\\..\\boot.ini', '/etc/passwd', 'a\r\nSet-Cookie: x=1', 'a\0.png', '..', '\u202egnp.exe'])('never leaves a path or a control character of %j', (hostile) => {
    for (const result of [name({}, 'https://a.test/', hostile), name({}, `https://a.test/${encodeURIComponent(hostile)}`), name({ 'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(hostile)}` })]) {
      expect(result).toMatch(/^[^/\\\0-\x1f\u202e]+$/);
      expect(['.', '..']).not.toContain(result);
    }
  });
});
