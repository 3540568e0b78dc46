import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import type { TaskContext } from '@millrace/engine-kit';
import sharp from 'sharp';
import { EngineBench, type BenchInput } from '../testing/engine-bench';
import { exiftoolEngine } from './exiftool-engine';

const bench = new EngineBench(exiftoolEngine);
beforeAll(() => bench.start());
beforeEach(() => bench.open());
// The same worker serves the next customer.
afterEach(async () => {
  expect(await facts({ bytes: pdf({ Author: 'next' }), type: 'pdf' })).toMatchObject({ Author: 'next' });
  bench.close();
});

const read = (input: BenchInput, more: Partial<TaskContext> = {}) => bench.run([input], {}, { operation: 'metadata', ...more });
const facts = async (input: BenchInput) => (await read(input)).metadata;

/** A pdf of two pages that says `info` of itself; the values are written as they are. */
function pdf(info: Record<string, string>, stream?: Buffer): Buffer {
  const page = '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 10 10] >>';
  const entries = Object.entries(info).map(([name, value]) => `/${name} (${value})`);
  const metadata = stream && `<< /Length ${stream.length} /Filter /FlateDecode /Type /Metadata /Subtype /XML >>\nstream\n${stream.toString('latin1')}\nendstream`;
  const objects = [`<< /Type /Catalog /Pages 2 0 R ${metadata ? '/Metadata 6 0 R ' : ''}>>`, '<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>', page, page, `<< ${entries.join(' ')} >>`, ...(metadata ? [metadata] : [])];
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const at = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const rows = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  body += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info 5 0 R >>\nstartxref\n${body.length}\n%%EOF\n`;
  return Buffer.from(body, 'latin1');
}

/** A djvu of one page with an annotation. */
function djvu(annotation: string): Buffer {
  const chunk = (name: string, data: Buffer) => Buffer.concat([Buffer.from(name), Buffer.from(Uint32Array.of(data.length).buffer).swap32(), data, Buffer.alloc(data.length % 2)]);
  const form = Buffer.concat([Buffer.from('DJVU'), chunk('INFO', Buffer.from('000a000a18002c011601', 'hex')), chunk('ANTa', Buffer.from(annotation))]);
  return Buffer.concat([Buffer.from('AT&T'), chunk('FORM', form)]);
}

/** A zip of stored entries. */
function zip(entries: Readonly<Record<string, string>>): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(entries)) {
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt32LE(crc32(text), 10);
    head.writeUInt32LE(text.length, 14);
    head.writeUInt32LE(text.length, 18);
    head.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    local.push(Buffer.from('PK\x03\x04'), head, Buffer.from(name + text));
    central.push(Buffer.from('PK\x01\x02\x14\0'), head, place, Buffer.from(name));
    offset = Buffer.concat(local).length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(Object.keys(entries).length, 4);
  end.writeUInt16LE(Object.keys(entries).length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from('PK\x05\x06'), end]);
}

const docx = (creator: string, title: string): Buffer =>
  zip({
    '[Content_Types].xml':
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    'docProps/core.xml': `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>${creator}</dc:creator><dc:title>${title}</dc:title></cp:coreProperties>`,
    'word/document.xml': '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>',
  });

const jpg = (exif: Record<string, string> = {}) => sharp({ create: { width: 40, height: 20, channels: 3, background: '#abc' } }).withExif({ IFD0: exif }).jpeg().toBuffer();

describe('the engine exiftool', () => {
  it('announces the version it found', () => {
    expect(bench.engine).toMatchObject({ name: 'exiftool', version: expect.stringMatching(/^\d+\.\d+$/), fetchInputs: true });
  });

  it('tells what a pdf says of itself', async () => {
    const { files, metadata, message, ctx } = await read({ bytes: pdf({ Author: 'Ada', Producer: 'a press', Title: 'On looms' }), type: 'pdf' });
    expect(metadata).toMatchObject({ PageCount: 2, Author: 'Ada', Producer: 'a press', Title: 'On looms', PDFVersion: 1.4, MIMEType: 'application/pdf', FileType: 'PDF' });
    expect([files, message, ctx.reported]).toEqual([[], undefined, [100]]);
  });

  it('tells what a photo says of itself, with nothing about our copy', async () => {
    const bytes = await jpg({ Copyright: 'Ada & sons', Artist: 'bell\u0007ringer' });
    const metadata = await facts({ bytes, type: 'jpg', filename: 'holiday.jpg' });
    expect(metadata).toMatchObject({ Copyright: 'Ada & sons', Artist: 'bell ringer', ImageWidth: 40, ImageHeight: 20, FileSize: `${bytes.length} bytes` });
    const told = JSON.stringify(metadata);
    for (const ours of [bench.dir, 'input.jpg', 'SourceFile', 'Directory', 'FileName', 'FilePermissions', 'FileModifyDate', 'ExifToolVersion']) expect(told).not.toContain(ours);
    for (const value of Object.values(metadata!)) expect(typeof value).not.toBe('object');
  });

  it.each([
    ['png', () => sharp({ create: { width: 4, height: 4, channels: 3, background: '#abc' } }).png().toBuffer(), { FileType: 'PNG', ImageWidth: 4 }],
    ['svg', async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="7" height="5"><title>t</title></svg>'), { FileType: 'SVG', ImageWidth: 7 }],
    ['txt', async () => Buffer.from('one line\n'), { FileType: 'TXT', LineCount: 1 }],
  ])('reads %s', async (type, make, expected) => {
    expect(await facts({ bytes: await make(), type: type === 'txt' ? undefined : type, filename: `a.${type}` })).toMatchObject(expected);
  });

  // exiftool reads into zip files only with that module, and says ZIP of a docx without it.
  const withZip = existsSync('/usr/share/perl5/Archive/Zip.pm');
  (withZip ? it : it.skip)(`tells what an office document says of itself${withZip ? '' : ': skipped, libarchive-zip-perl is not installed'}`, async () => {
    expect(await facts({ bytes: docx('Ada', 'On looms'), type: 'docx' })).toMatchObject({ FileType: 'DOCX', Creator: 'Ada', Title: 'On looms' });
  });

  it('trims what is too long and does not fail', async () => {
    const long = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`Custom${index}`, 'x'.repeat(3000)]));
    const { metadata, message } = await read({ bytes: pdf({ Author: 'Ada', ...long }), type: 'pdf' });
    expect(metadata).toMatchObject({ Author: 'Ada' });
    expect(Buffer.byteLength(JSON.stringify(metadata))).toBeLessThanOrEqual(32 * 1024);
    expect(message).toMatch(/\d+ values were left out/);
  });

  it('refuses more than one input, and other operations', async () => {
    const input = { bytes: await jpg(), type: 'jpg' };
    await expect(bench.run([input, input], {}, { operation: 'metadata' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(bench.run([input], {}, { operation: 'convert' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('the engine exiftool and bad files', () => {
  it.each([
    ['an empty file', Buffer.alloc(0), 'empty'],
    ['noise', Buffer.from('8f3a11c2e70099', 'hex'), 'Unknown file type'],
  ])('refuses %s, saying why', async (_, bytes, why) => {
    await expect(read({ bytes, type: undefined, filename: 'a.bin' })).rejects.toMatchObject({ code: 'INVALID_INPUT', publicMessage: expect.stringContaining(why) });
  });

  it('tells what is left of a cut file', async () => {
    const whole = await jpg({ Copyright: 'Ada' });
    expect(await facts({ bytes: whole.subarray(0, whole.length - 200), type: 'jpg' })).toMatchObject({ FileType: 'JPEG', Copyright: 'Ada' });
  });

  it.each(['-if', '-config', '@list.txt', 'x\n-FileName=/tmp/pwn', '-o pwn.jpg', '%d%f'])('takes the name %j for a name', async (filename) => {
    expect(await facts({ bytes: await jpg({ Copyright: 'Ada' }), type: 'jpg', filename })).toMatchObject({ Copyright: 'Ada' });
    const [run] = readdirSync(bench.dir);
    expect([readdirSync(path.join(bench.dir, run!, 'scratch')), readdirSync(path.join(bench.dir, run!, 'in/0')), existsSync('/tmp/pwn')]).toEqual([['input.json'], ['input.jpg'], false]);
  });

  it('runs no program that a file brings, in its values or as its settings', async () => {
    const proof = path.join(bench.dir, 'proof');
    const command = `system('touch ${proof}')`;
    const annotated = (copyright: string) => djvu(`(metadata (Copyright "${copyright}"))`);
    expect(await facts({ bytes: annotated('fine'), type: 'djvu' })).toMatchObject({ Copyright: 'fine' });
    // The form of CVE-2021-22204: a value that ends its quotes and goes on as Perl.
    await facts({ bytes: annotated(`\\\n" . ${command} . "b`), type: 'djvu' });
    await facts({ bytes: pdf({ Author: `\${${command}}`, Title: `\`touch ${proof}\`` }), type: 'pdf' });
    const settings = Buffer.from(`${command};\n%Image::ExifTool::UserDefined::Options = ();\n1;\n`);
    await facts({ bytes: settings, type: undefined, filename: '.ExifTool_config' });
    expect(existsSync(proof)).toBe(false);
  });

  it('does not unpack without end', async () => {
    await expect(read({ bytes: pdf({}, deflateSync(Buffer.alloc(300 * 1024 ** 2, 65))), type: 'pdf' })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    const rdf = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:xmp="http://ns.adobe.com/xap/1.0/"><rdf:Description rdf:about="" xmp:Label="small"/></rdf:RDF>';
    expect(await facts({ bytes: pdf({}, deflateSync(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${rdf}</x:xmpmeta>`)), type: 'pdf' })).toMatchObject({ Label: 'small' });
  });

  it('stops with its task, and at its deadline', async () => {
    const input = { bytes: await jpg(), type: 'jpg' };
    await expect(read(input, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(read(input, { deadline: new Date(0) })).rejects.toMatchObject({ code: 'TIMEOUT' });
  });
});
