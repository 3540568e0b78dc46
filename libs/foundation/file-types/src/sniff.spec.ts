import fc from 'fast-check';
import { sniff, SNIFF_BYTES } from './sniff';

const hex = (digits: string): Buffer => Buffer.from(digits.replace(/ /g, ''), 'hex');
const latin1 = (source: string): Buffer => Buffer.from(source, 'latin1');
const padded = (head: Buffer, size = 600): Buffer => Buffer.concat([head, Buffer.alloc(Math.max(size - head.length, 0))]);
const ftyp = (...brands: string[]): Buffer => padded(Buffer.concat([hex('00 00 00').subarray(0, 3), Buffer.from([16 + 4 * (brands.length - 1)]), latin1(`ftyp${brands[0]}\0\0\0\0${brands.slice(1).join('')}`)]));
const ogg = (codec: string): Buffer => padded(Buffer.concat([latin1('OggS'), Buffer.alloc(24), latin1(codec)]));

/** A local header of a zip entry and its data; a streamed one has no size in its header. */
function entry(name: string, data = 'x', streamed = false): Buffer {
  const header = Buffer.alloc(30);
  header.write('PK\x03\x04', 'latin1');
  header.writeUInt16LE(streamed ? 8 : 0, 6);
  header.writeUInt32LE(streamed ? 0 : data.length, 18);
  header.writeUInt32LE(streamed ? 0 : data.length, 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, latin1(name + data)]);
}

/** An OLE2 file whose directory follows its header and names one stream. */
function ole(stream: string, directorySector = 0): Buffer {
  const file = Buffer.alloc(2048);
  hex('d0cf11e0a1b11ae1').copy(file);
  file.writeUInt16LE(9, 30);
  file.writeUInt32LE(directorySector, 48);
  file.write(stream, 512 + 128, 'utf16le');
  file.writeUInt16LE(2 * stream.length + 2, 512 + 128 + 64);
  return file;
}

const bmp = padded(Buffer.concat([latin1('BM'), hex('46000000 00000000 36000000 28000000')]));
const tar = Buffer.alloc(1024);
tar.write('ustar\x0000', 257, 'latin1');
const mpegTs = Buffer.alloc(600);
for (const at of [0, 188, 376, 564]) mpegTs[at] = 0x47;
const m2ts = Buffer.alloc(600);
for (const at of [4, 196, 388]) m2ts[at] = 0x47;

/** Two frames of a stream without a container, each `length` bytes from the next. */
function frames(header: string, length: number, tag = Buffer.alloc(0)): Buffer {
  const stream = Buffer.alloc(2 * length + 8);
  for (const at of [0, length]) hex(header).copy(stream, at);
  return Buffer.concat([tag, stream]);
}
/** An ID3v2 tag of 20 bytes in all. */
const id3 = Buffer.concat([latin1('ID3\x04\0\0\0\0\0\x0a'), Buffer.alloc(10)]);
/** A Matroska file with one track of this codec. */
const track = (codec: string, size = codec.length + 2): Buffer =>
  padded(Buffer.concat([hex('1a45dfa3 a3 42868101 4282886d6174726f736b61 53ab841654ae6b53ac8200a1 1654ae6b'), Buffer.from([0x80 | size, 0x86, 0x80 | codec.length]), latin1(codec)]));
const mobi = Buffer.alloc(100);
mobi.write('BOOKMOBI', 60);

const HEADS: [ext: string, mime: string, head: Buffer][] = [
  ['jpg', 'image/jpeg', padded(hex('ffd8ffe0 0010 4a464946'))],
  ['jpg', 'image/jpeg', padded(hex('ffd8ffe1 0010 45786966'))],
  ['png', 'image/png', padded(hex('89504e470d0a1a0a 0000000d 49484452'))],
  ['gif', 'image/gif', latin1('GIF87a\x01\0\x01\0')],
  ['gif', 'image/gif', latin1('GIF89a\x01\0\x01\0')],
  ['webp', 'image/webp', latin1('RIFF\x24\0\0\0WEBPVP8 ')],
  ['avif', 'image/avif', ftyp('avif', 'mif1')],
  ['avif', 'image/avif', ftyp('mif1', 'miaf', 'avif')],
  ['heic', 'image/heic', ftyp('heic', 'mif1')],
  ['heic', 'image/heic', ftyp('mif1', 'heic')],
  ['heif', 'image/heif', ftyp('mif1', 'miaf')],
  ['mp4', 'video/mp4', ftyp('isom', 'avc1')],
  ['mov', 'video/quicktime', ftyp('qt  ')],
  ['mov', 'video/quicktime', padded(latin1('\0\0\x03\x84moov\0\0\0\x6cmvhd'))],
  ['mov', 'video/quicktime', padded(latin1('\0\0\0\x08wide\0\0\0\0mdat'))],
  ['m4a', 'audio/mp4', ftyp('M4A ')],
  ['3gp', 'video/3gpp', ftyp('3gp5')],
  ['tiff', 'image/tiff', padded(hex('49492a00 08000000'))],
  ['tiff', 'image/tiff', padded(hex('4d4d002a 00000008'))],
  ['cr2', 'image/x-canon-cr2', padded(hex('49492a00 10000000 43520200'))],
  ['bmp', 'image/bmp', bmp],
  ['ico', 'image/vnd.microsoft.icon', padded(hex('00000100 0100 1010 0000'))],
  ['psd', 'image/vnd.adobe.photoshop', padded(latin1('8BPS\0\x01'))],
  ['jxl', 'image/jxl', padded(hex('ff0a'))],
  ['jxl', 'image/jxl', padded(hex('0000000c 4a584c20 0d0a870a'))],
  ['jp2', 'image/jp2', padded(hex('0000000c 6a502020 0d0a870a'))],
  ['svg', 'image/svg+xml', Buffer.from('<?xml version="1.0"?><!-- x --><svg/>')],
  ['pdf', 'application/pdf', latin1('%PDF-1.7\n')],
  ['pdf', 'application/pdf', latin1('\r\n \0%PDF-1.4')],
  ['ps', 'application/postscript', latin1('%!PS-Adobe-3.0\n')],
  ['eps', 'application/postscript', latin1('%!PS-Adobe-3.0 EPSF-3.0\n')],
  ['rtf', 'application/rtf', latin1('{\\rtf1\\ansi')],
  ['zip', 'application/zip', entry('photo.jpg')],
  ['zip', 'application/zip', padded(latin1('PK\x05\x06'), 22)],
  ['docx', expect.stringContaining('wordprocessingml'), Buffer.concat([entry('[Content_Types].xml'), entry('_rels/.rels'), entry('word/document.xml')])],
  ['docx', expect.stringContaining('wordprocessingml'), Buffer.concat([entry('_rels/.rels', 'ab', true), entry('docProps/app.xml', 'cd', true), entry('word/document.xml', 'e', true)])],
  ['xlsx', expect.stringContaining('spreadsheetml'), Buffer.concat([entry('[Content_Types].xml'), entry('xl/workbook.xml')])],
  ['pptx', expect.stringContaining('presentationml'), Buffer.concat([entry('[Content_Types].xml'), entry('ppt/presentation.xml')])],
  ['epub', 'application/epub+zip', Buffer.concat([entry('mimetype', 'application/epub+zip'), entry('META-INF/container.xml')])],
  ['odt', 'application/vnd.oasis.opendocument.text', entry('mimetype', 'application/vnd.oasis.opendocument.text')],
  ['jar', 'application/java-archive', Buffer.concat([entry('META-INF/', ''), entry('META-INF/MANIFEST.MF')])],
  ['doc', 'application/msword', ole('WordDocument')],
  ['xls', 'application/vnd.ms-excel', ole('Workbook')],
  ['ppt', 'application/vnd.ms-powerpoint', ole('PowerPoint Document')],
  ['msg', 'application/vnd.ms-outlook', ole('__properties_version1.0')],
  ['cfb', 'application/x-cfb', ole('WordDocument', 1_000_000)],
  ['mobi', 'application/x-mobipocket-ebook', mobi],
  ['webm', 'video/webm', padded(hex('1a45dfa3 9f 42868101 42f78101 4282847765626d'))],
  ['mkv', 'video/x-matroska', padded(hex('1a45dfa3 a3 42868101 4282886d6174726f736b61'))],
  ['mkv', 'video/x-matroska', track('V_VP9')],
  ['mkv', 'video/x-matroska', track('A_OPUS', 127).subarray(0, 80)],
  ['mka', 'audio/x-matroska', track('A_OPUS')],
  ['flv', 'video/x-flv', padded(hex('464c5601 05 00000009'))],
  ['wmv', 'video/x-ms-wmv', padded(Buffer.concat([hex('3026b2758e66cf11a6d900aa0062ce6c'), Buffer.alloc(40), hex('c0ef19bc4d5bcf11a8fd00805f5c442b')]))],
  ['wma', 'audio/x-ms-wma', padded(Buffer.concat([hex('3026b2758e66cf11a6d900aa0062ce6c'), Buffer.alloc(40), hex('409e69f84d5bcf11a8fd00805f5c442b')]))],
  ['avi', 'video/x-msvideo', latin1('RIFF\x24\0\0\0AVI LIST')],
  ['mpg', 'video/mpeg', padded(hex('000001ba 44'))],
  ['ts', 'video/mp2t', mpegTs],
  ['m2ts', 'video/mp2t', m2ts],
  ['wav', 'audio/wav', latin1('RIFF\x24\0\0\0WAVEfmt ')],
  ['aiff', 'audio/x-aiff', latin1('FORM\0\0\0\x24AIFFCOMM')],
  ['flac', 'audio/x-flac', latin1('fLaC\0\0\0\x22')],
  ['mp3', 'audio/mpeg', latin1('ID3\x03\0\0\0\0\0\0')],
  ['mp3', 'audio/mpeg', padded(hex('fffb9064'))],
  ['mp3', 'audio/mpeg', frames('fffa9064', 417)],
  ['mp3', 'audio/mpeg', frames('ffe3 40c4', 208)],
  ['mp3', 'audio/mpeg', frames('fff3 8064', 208, id3)],
  ['mp2', 'audio/mpeg', frames('fffde004', 1253)],
  ['mp2', 'audio/mpeg', frames('fffde004', 1253, id3)],
  ['aac', 'audio/aac', padded(hex('fff15080'))],
  ['aac', 'audio/aac', frames('fff1508002 9ffc', 20, id3)],
  ['flac', 'audio/x-flac', Buffer.concat([id3, latin1('fLaC\0\0\0\x22')])],
  ['ac3', 'audio/ac3', padded(hex('0b77ffbc 5440'))],
  ['eac3', 'audio/eac3', padded(hex('0b7701a0 7487'))],
  ['amr', expect.stringMatching(/amr/i), latin1('#!AMR\n\x04')],
  ['au', 'audio/basic', padded(hex('2e736e64 00000020'))],
  ['caf', 'audio/x-caf', padded(latin1('caff\0\x01\0\0desc'))],
  ['aiff', 'audio/x-aiff', latin1('FORM\0\0\0\x24AIFCFVER')],
  ['wav', 'audio/wav', latin1('RF64\xff\xff\xff\xffWAVEds64')],
  ['ogg', 'audio/ogg', ogg('\x01vorbis\0')],
  ['opus', 'audio/ogg', ogg('OpusHead')],
  ['ogv', 'video/ogg', ogg('\x80theora\0')],
  ['7z', 'application/x-7z-compressed', padded(hex('377abcaf271c'))],
  ['rar', 'application/vnd.rar', padded(hex('526172211a070100'))],
  ['gz', 'application/gzip', padded(hex('1f8b0800'))],
  ['bz2', 'application/x-bzip2', latin1('BZh91AY&SY\0')],
  ['xz', 'application/x-xz', padded(hex('fd377a585a0000'))],
  ['zst', 'application/zstd', padded(hex('28b52ffd'))],
  ['tar', 'application/x-tar', tar],
  ['woff2', 'font/woff2', padded(latin1('wOF2'))],
  ['ttf', 'font/ttf', padded(hex('00010000 000a'))],
];

describe('sniff', () => {
  it.each(HEADS)('knows %s (%s)', (ext, mime, head) => expect(sniff(head)).toEqual({ ext, mime }));

  it.each([
    ['nothing', ''],
    ['text', 'Hello, world'],
    ['text that begins like a bitmap', 'BMW is a car maker of Bavaria, Germany'],
    ['text that begins like a program', 'MZ is a team'],
    ['text that begins like a font', 'PLEASE READ'],
    ['text that begins with G', 'Good morning'],
    ['text that begins like bzip2', 'BZhello'],
    ['JSON', '{"a":1}'],
    ['XML', '<?xml version="1.0"?><a/>'],
    ['HTML', '<!DOCTYPE html><html><svg></svg></html>'],
    ['text that names PDF', 'The header %PDF-1.4 comes first'],
    ['text with ftyp elsewhere', 'the ftyp box'],
    ['half a signature', '\x89PN'],
    ['zeros', '\0'.repeat(600)],
    ['a reserved MPEG frame', '\xff\xfb\xf0\x0c'],
    ['one frame of layer II that no other follows', `\xff\xfd\xe0\x04${'\0'.repeat(2000)}`],
    ['a reserved AC-3 frame', `\x0b\x77\xff\xbc\xff\x40${'\0'.repeat(20)}`],
    ['a byte order mark', '\xef\xbb\xbfplain'],
    ['UTF-16', '\xff\xfeh\0i\0'],
  ])('says nothing of %s', (_, source) => expect(sniff(latin1(source))).toBeUndefined());

  it('lets the first bytes decide over what a polyglot hides', () => {
    const gif = latin1('GIF89a/*\0\0\0\0*/=1;alert(1);//');
    expect(sniff(gif)?.ext).toBe('gif');
    expect(sniff(Buffer.concat([padded(hex('ffd8ffe0')), entry('evil.jar')]))?.ext).toBe('jpg');
    expect(sniff(Buffer.concat([latin1('%PDF-1.7\n'), entry('word/document.xml')]))?.ext).toBe('pdf');
    expect(sniff(latin1('GIF89a\n%PDF-1.4\n<svg>'))?.ext).toBe('gif');
    expect(sniff(latin1('<svg><!--%PDF-1.4--></svg>'))?.ext).toBe('svg');
  });

  it('does not take an archive that holds a document for the document', () => {
    const inner = Buffer.concat([entry('[Content_Types].xml'), entry('word/document.xml')]).toString('latin1');
    expect(sniff(entry('inner.docx', inner))?.ext).toBe('zip');
    expect(sniff(Buffer.concat([entry('word/letter.txt'), entry('word/list.txt')]))?.ext).toBe('zip');
    expect(sniff(Buffer.concat([entry('[Content_Types].xml'), entry('other/a')]))?.ext).toBe('zip');
    expect(sniff(entry('mimetype', 'text/html'))?.ext).toBe('zip');
  });

  it('looks at the head only, also of a part of a larger buffer', () => {
    expect(sniff(Buffer.concat([latin1(' '.repeat(SNIFF_BYTES)), latin1('<svg>')]))).toBeUndefined();
    const larger = Buffer.concat([latin1('junk'), latin1('GIF89a')]);
    expect(sniff(larger.subarray(4))?.ext).toBe('gif');
    expect(sniff(Uint8Array.from(larger).subarray(4))?.ext).toBe('gif');
  });

  it('never throws, whatever the bytes, cut anywhere or with one byte changed', () => {
    const someHead = fc.constantFrom(...HEADS.map(([, , head]) => head));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), someHead), fc.nat(), fc.nat(), fc.nat(255), (bytes, cut, at, value) => {
        const changed = Uint8Array.from(bytes).subarray(0, bytes.length === 0 ? 0 : cut % (bytes.length + 1));
        if (changed.length > 0) changed[at % changed.length] = value;
        const found = sniff(changed);
        if (found) expect(found).toEqual({ ext: expect.stringMatching(/^[a-z0-9]+$/), mime: expect.stringContaining('/') });
      }),
      { numRuns: 3000 },
    );
  });
});
