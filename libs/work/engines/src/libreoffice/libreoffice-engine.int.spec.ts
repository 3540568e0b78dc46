import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { sniff } from '@millrace/file-types';
import type { BenchInput } from '../testing/engine-bench';
import { READERS, WRITERS } from './formats';
import { docx } from './testing/ooxml';
import { fodp, fods, fodt, flat, pages, paragraph, picture } from './testing/odf';
import { OfficeBench } from './testing/office-bench';
import { imageWidths, outlineOf, pageCount, textOf, unpacked } from './testing/pdf-facts';
import { protectedCopies } from './testing/protected';

// Loading LibreOffice takes a second on an idle machine, and many on a crowded one.
jest.setTimeout(120_000);

const bench = new OfficeBench();
beforeAll(() => bench.start());
afterAll(() => bench.stop());
beforeEach(() => bench.open());
afterEach(() => bench.close());

const text = (bytes: Buffer, filename: string): BenchInput => ({ bytes, filename, type: undefined });
const file = (bytes: Buffer, filename: string): BenchInput => ({ bytes, filename, type: sniff(bytes)?.ext });
const pdf = (input: BenchInput, options: Record<string, unknown> = {}) => bench.bytes(input, { output_format: 'pdf', ...options });
const CONTROL = text(fodt(paragraph('Control text')), 'control.fodt');
/** A document before this one left nothing wrong behind. */
const control = async () => expect(await textOf(await pdf(CONTROL))).toBe('Control text');
const noise = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: '#000', noise: { type: 'gaussian', mean: 128, sigma: 50 } } });

describe('the engine libreoffice', () => {
  it('announces the version it found', () => {
    expect(bench.engine).toMatchObject({ name: 'libreoffice', version: expect.stringMatching(/^\d+\.\d+/), fetchInputs: true });
  });

  const SOURCES = {
    writer: [fodt(paragraph('Words of a text')), 'a.fodt', /Words of a text/],
    calc: [fods({ Sheet: [['Word', '7']] }), 'a.fods', /Word/],
    impress: [fodp('Words of a slide'), 'a.fodp', /Words of a slide/],
  } as const;
  it.each(Object.keys(SOURCES) as (keyof typeof SOURCES)[])('writes every format of %s, and reads each again', async (family) => {
    const [bytes, name, words] = SOURCES[family];
    for (const format of WRITERS[family].keys()) {
      const made = await bench.convert(text(bytes, name), { output_format: format });
      expect(made.outputs).toHaveLength(1);
      const [output] = made.outputs;
      expect(output!.filename).toBe(`a.${format}`);
      if (format === 'pdf') expect(await textOf(output!.bytes)).toMatch(words);
      else expect(await textOf(await pdf(file(output!.bytes, `b.${format}`)))).toMatch(words);
    }
  });

  it('reads macro-enabled and template documents as what they are', async () => {
    for (const ending of ['docm', 'dotx']) expect(await textOf(await pdf(file(docx({ text: 'Kind words' }), `a.${ending}`)))).toBe('Kind words');
    expect(await textOf(await pdf(text(flat('drawing', `<draw:page><draw:frame svg:x="1cm" svg:y="1cm" svg:width="9cm" svg:height="2cm"><draw:text-box>${paragraph('Drawn')}</draw:text-box></draw:frame></draw:page>`), 'a.fodg')))).toBe('Drawn');
  });

  const OLDER = {
    doc: [fodt(paragraph('Older words')), 'a.fodt', 'docx, doc, odt'],
    xls: [fods({ Sheet: [['Older words']] }), 'a.fods', 'xlsx, xls, ods'],
    ppt: [fodp('Older words'), 'a.fodp', 'pptx, ppt, odp'],
  } as const;
  it.each(Object.keys(OLDER) as (keyof typeof OLDER)[])('reads a %s as what it is, whatever it is named', async (kind) => {
    const [source, name, writable] = OLDER[kind];
    const bytes = await bench.bytes(text(source, name), { output_format: kind });
    // The head does not tell: the directory is looked up.
    expect(sniff(bytes)?.ext).toBe('cfb');
    for (const ending of ['docx', 'doc', 'xls', 'ppt', 'bin']) expect(await textOf(await pdf(file(bytes, `a.${ending}`)))).toContain('Older words');
    const other = kind === 'xls' ? 'docx' : 'xlsx';
    await expect(bench.convert(file(bytes, 'a.doc'), { output_format: other })).rejects.toMatchObject({ code: 'INVALID_INPUT', publicMessage: expect.stringMatching(new RegExp(`A ${kind} cannot become a ${other}.*${writable}`)) });
  });

  it('reads a docx that is named .doc', async () => {
    expect(await textOf(await pdf(file(docx({ text: 'Newer words' }), 'a.doc')))).toBe('Newer words');
  });

  it.each(['png', 'jpg', 'gif', 'tiff', 'webp'] as const)('puts a %s on a page', async (format) => {
    const image = await noise(300, 200).toFormat(format === 'jpg' ? 'jpeg' : format).toBuffer();
    const made = await pdf(file(image, `a.${format}`));
    expect([await pageCount(made), await imageWidths(made)]).toEqual([1, [300]]);
  });

  it('finds out encoding and separator of a table, and leaves its formulas alone', async () => {
    const latin = Buffer.from('name;value\nM\xfcller;1\n=1+1;2\n', 'latin1');
    expect((await bench.bytes(text(latin, 'a.csv'), { output_format: 'csv' })).toString()).toBe('name,value\nMüller,1\n=1+1,2\n');
    expect((await bench.bytes(text(Buffer.from('\ufeffa\tb\nü\t"c, d"\n', 'utf16le'), 'a.csv'), { output_format: 'csv' })).toString()).toBe('a,b\nü,"c, d"\n');
  });

  it('makes a csv of each sheet, named after it when there are several', async () => {
    const book = text(fods({ One: [['a']], Two: [['b']], Empty: [] }), 'book.fods');
    const { outputs } = await bench.convert(book, { output_format: 'csv' });
    expect(outputs.map(({ filename, bytes }) => [filename, bytes.toString()])).toEqual([['book-One.csv', 'a\n'], ['book-Two.csv', 'b\n']]);
    await expect(bench.convert(text(fods({ Empty: [] }), 'a.fods'), { output_format: 'csv' })).rejects.toMatchObject({ code: 'INVALID_INPUT', publicMessage: expect.stringContaining('nothing') });
    const many = fods(Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`S${i}`, [['x']]])));
    await expect(bench.convert(text(many, 'a.fods'), { output_format: 'csv' })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    await control();
  });

  it('knows the document by the name that the customer gave it', async () => {
    const named = fodt(paragraph('<text:file-name text:display="full">x</text:file-name>'));
    expect(await textOf(await pdf(text(named, 'Jahresbericht ü.fodt')))).toBe('/work/in/Jahresbericht ü.fodt');
  });
});

describe('its options', () => {
  it('pages', async () => {
    const made = await pdf(text(pages(5), 'a.fodt'), { pages: '1-2, 4' });
    expect([await pageCount(made), await textOf(made)]).toEqual([3, 'Chapter 1 This is page 1. Chapter 2 This is page 2. Chapter 4 This is page 4.']);
    expect(await pageCount(await pdf(text(pages(5), 'a.fodt'), { pages: '4-9' }))).toBe(2);
    await expect(pdf(text(pages(5), 'a.fodt'), { pages: '9' })).rejects.toMatchObject({ code: 'INVALID_INPUT', publicMessage: expect.stringContaining('pages') });
    await control();
  });

  it('bookmarks', async () => {
    expect(await outlineOf(await pdf(text(pages(2), 'a.fodt'), { bookmarks: true }))).toEqual(['Chapter 1', 'Chapter 2']);
    expect(await outlineOf(await pdf(text(pages(2), 'a.fodt')))).toEqual([]);
  });

  it('optimize_print keeps pictures for paper, without it they are for a screen', async () => {
    // 5 cm wide: 508 dots an inch.
    const source = text(fodt(picture(await noise(1000, 1000).jpeg().toBuffer(), '5cm', '5cm')), 'a.fodt');
    const [print, screen] = [await pdf(source, { optimize_print: true }), await pdf(source, { optimize_print: false })];
    expect(await imageWidths(print)).toEqual([1000]);
    expect((await imageWidths(screen))[0]).toBeLessThan(310);
    expect(screen.length).toBeLessThan(print.length / 3);
    expect(await imageWidths(await pdf(source))).toEqual([1000]);
  });

  it('include_markup shows deleted text and comments', async () => {
    const change = '<office:change-info><dc:creator>A</dc:creator><dc:date>2024-01-01T00:00:00</dc:date></office:change-info>';
    const tracked = `<text:tracked-changes><text:changed-region text:id="c"><text:deletion>${change}${paragraph('gone ')}</text:deletion></text:changed-region></text:tracked-changes>`;
    const comment = `<office:annotation><dc:creator>A</dc:creator><dc:date>2024-01-01T00:00:00</dc:date>${paragraph('canary comment')}</office:annotation>`;
    const source = text(fodt(`${tracked}${paragraph(`before <text:change text:change-id="c"/>after${comment}`)}`), 'a.fodt');
    const [bare, marked] = [await pdf(source), await pdf(source, { include_markup: true })];
    expect([await textOf(bare), (await unpacked(bare)).includes('/Subtype /Text')]).toEqual(['before after', false]);
    expect([await textOf(marked), (await unpacked(marked)).includes('/Subtype /Text')]).toEqual(['before gone after', true]);
  });

  it('password opens protected documents, and is asked for by name', async () => {
    const plain = text(fodt(paragraph('Secret words')), 'a.fodt');
    for (const [format, bytes] of Object.entries(await protectedCopies(plain.bytes, 'geheim ü'))) {
      const source = file(bytes, `a.${format}`);
      expect(await textOf(await pdf(source, { password: 'geheim ü' }))).toBe('Secret words');
      await expect(pdf(source)).rejects.toMatchObject({ code: 'INVALID_INPUT', publicMessage: expect.stringContaining('option password') });
      await expect(pdf(source, { password: 'canary-wrong' })).rejects.toMatchObject({ code: 'INVALID_INPUT', publicMessage: expect.stringMatching(/password.*does not open|does not open.*password/) });
      await control();
    }
    expect(await textOf(await pdf(plain, { password: 'not needed' }))).toBe('Secret words');
  });

  it('password opens a protected document of the newer kind whatever it is named, or asks for its kind', async () => {
    const { docx: bytes } = await protectedCopies(fodt(paragraph('Secret words')), 'key');
    for (const name of ['a.docx', 'a.doc']) expect(await textOf(await pdf(file(bytes!, name), { password: 'key' }))).toBe('Secret words');
    expect(await textOf(await pdf(file(bytes!, 'a.bin'), { password: 'key', input_format: 'docx' }))).toBe('Secret words');
    await expect(pdf(file(bytes!, 'a.doc'))).rejects.toMatchObject({ code: 'INVALID_INPUT', publicMessage: expect.stringContaining('option password') });
    await expect(pdf(file(bytes!, 'a.bin'), { password: 'key' })).rejects.toMatchObject({ code: 'INVALID_INPUT', publicMessage: expect.stringMatching(/protected.*input_format/) });
    await control();
  });

  it('pass_others lends what needs no conversion', async () => {
    const inputs = [file(Buffer.from('%PDF-1.7\n'), 'done.pdf'), text(fodt(paragraph('Words')), 'a.fodt'), { bytes: Buffer.from('x'), type: 'mp4', filename: 'film.mp4' }];
    const { files, outputs } = await bench.run(inputs, { output_format: 'pdf', pass_others: true });
    expect(files.map((one) => ('blob' in one ? one.blob : one.filename))).toEqual(['blob-0', 'a.pdf', 'blob-2']);
    expect(files[0]).toEqual({ blob: 'blob-0', filename: 'done.pdf', size: 9, type: 'pdf', mime: 'x/y', md5: 'md5-0', sha256: 'sha256-0' });
    expect(await textOf(outputs[0]!.bytes)).toBe('Words');
    await expect(bench.run(inputs, { output_format: 'pdf' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it.each([
    [{ output_format: 'docx', pages: '1' }, 'pages'],
    [{ output_format: 'docx', bookmarks: false }, 'bookmarks'],
    [{ output_format: 'xlsx' }, 'txt, html'],
    [{ output_format: 'pdf', pages: 'all' }, 'pages'],
    [{}, 'output_format'],
  ])('%j is refused', async (options, message) => {
    await expect(bench.convert(CONTROL, options)).rejects.toMatchObject({ code: 'INVALID_INPUT', publicMessage: expect.stringContaining(message) });
  });
});

describe('bad input', () => {
  it.each<[string, () => BenchInput, string]>([
    ['an empty file', () => text(Buffer.alloc(0), 'a.txt'), 'empty'],
    ['half a docx', () => ({ bytes: docx({ text: 'x'.repeat(3000) }).subarray(0, 1500), filename: 'a.docx', type: 'docx' }), 'damaged'],
    ['a docx without its document', () => file(Buffer.from('PK\x03\x04'), 'a.docx'), 'damaged'],
    ['half a fodt', () => text(fodt(paragraph('x'.repeat(3000))).subarray(0, 2500), 'a.fodt'), 'damaged'],
    ['an OLE2 file that is none', () => file(Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(4096)]), 'a.doc'), 'damaged'],
    ['bytes that are no text', () => text(deflateSync(Buffer.alloc(100_000, 'abc')).fill(0, 20, 30), 'a.txt'), 'damaged'],
    ['a web page named .doc', () => text(Buffer.from('<html><body>Hello</body></html>'), 'a.doc'), 'can be read'],
    ['a film', () => ({ bytes: Buffer.from('x'), filename: 'a.docx', type: 'mp4' }), 'mp4'],
  ])('%s is refused', async (_, input, message) => {
    await expect(pdf(input())).rejects.toMatchObject({ code: 'INVALID_INPUT', publicMessage: expect.stringContaining(message) });
    await control();
  });

  it('of the largest size is refused before it is copied', async () => {
    const inputs = [{ blob: 'b', path: '/nonexistent', filename: 'a.docx', size: 600 * 1024 ** 2, type: 'docx', task: 't' }];
    await expect(bench.convert(CONTROL, { output_format: 'pdf' }, { inputs })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  it('has a filter named for every type, so that none is guessed', () => {
    expect([...READERS.values()].every(({ filter }) => filter !== '')).toBe(true);
  });
});
