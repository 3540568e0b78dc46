import { deflateSync } from 'node:zlib';

/** An object of a PDF: its text, or a dictionary's entries with a stream. */
type PdfObject = string | { readonly entries: string; readonly stream: Buffer | string };

const bytesOf = (object: PdfObject): Buffer => {
  if (typeof object === 'string') return Buffer.from(object, 'latin1');
  const stream = Buffer.from(object.stream as string, 'latin1');
  return Buffer.concat([Buffer.from(`<< ${object.entries} /Length ${stream.length} >>\nstream\n`, 'latin1'), stream, Buffer.from('\nendstream')]);
};

/** A PDF of the given objects, numbered from 1; the first is its catalog. */
export function pdfOf(objects: readonly PdfObject[], trailer = ''): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1')];
  const offsets: number[] = [];
  let at = parts[0]!.length;
  for (const [index, object] of objects.entries()) {
    const part = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), bytesOf(object), Buffer.from('\nendobj\n')]);
    offsets.push(at);
    parts.push(part);
    at += part.length;
  }
  const lines = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  parts.push(Buffer.from(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${lines}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${at}\n%%EOF\n`));
  return Buffer.concat(parts);
}

export interface Page {
  /** Shown in Helvetica near the top left. */
  readonly text?: string;
  /** Points. */
  readonly size?: readonly [width: number, height: number];
  /** Fills the left half, as PDF writes colours: "1 0 0". */
  readonly left?: string;
  /** More of what it draws, in PDF's own language. */
  readonly content?: string;
  /** More entries of the page, such as /Rotate 90. */
  readonly more?: string;
}

/** An ordinary document. */
export function pdf(pages: readonly Page[]): Buffer {
  const kids = pages.map((_, index) => `${4 + 2 * index} 0 R`).join(' ');
  const objects: PdfObject[] = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Count ${pages.length} /Kids [${kids}] >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
  ];
  for (const [index, { text = '', size: [width, height] = [200, 100], left, content = '', more = '' }] of pages.entries()) {
    const fill = left === undefined ? '' : `${left} rg 0 0 ${width / 2} ${height} re f 0 g `;
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} ${height}] /Contents ${5 + 2 * index} 0 R /Resources << /Font << /F 3 0 R >> >> ${more} >>`,
      { entries: '', stream: `${fill}${content} BT /F 12 Tf 10 ${height - 20} Td (${text}) Tj ET` },
    );
  }
  return pdfOf(objects);
}

const CATALOG = '<< /Type /Catalog /Pages 2 0 R >>';
const PAGES = '<< /Type /Pages /Count 1 /Kids [3 0 R] >>';
const box = '/MediaBox [0 0 200 100]';

/** The bombs and loops of THREATS E21, each a few kilobytes at most. */
export const HOSTILE = {
  pageTreeLoop: (): Buffer => pdfOf([CATALOG, '<< /Type /Pages /Count 1000000 /Kids [2 0 R 2 0 R 3 0 R] >>', `<< /Type /Page /Parent 2 0 R ${box} >>`]),
  selfDrawingForm: (): Buffer =>
    pdfOf([
      CATALOG,
      PAGES,
      `<< /Type /Page /Parent 2 0 R ${box} /Contents 5 0 R /Resources << /XObject << /X 4 0 R >> >> >>`,
      { entries: `/Type /XObject /Subtype /Form /BBox [0 0 200 100] /Resources << /XObject << /X 4 0 R >> >>`, stream: '/X Do /X Do /X Do' },
      { entries: '', stream: '/X Do' },
    ]),
  /** Forms that draw the next ten times each: 10^9 drawings of one line. */
  nestedForms: (): Buffer =>
    pdfOf([
      CATALOG,
      PAGES,
      `<< /Type /Page /Parent 2 0 R ${box} /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>`,
      { entries: '', stream: '/X Do' },
      ...Array.from({ length: 9 }, (_, level) => ({
        entries: `/Type /XObject /Subtype /Form /BBox [0 0 200 100] /Resources << /XObject << /X ${6 + level} 0 R >> >>`,
        stream: '/X Do '.repeat(10),
      })),
      { entries: '/Type /XObject /Subtype /Form /BBox [0 0 200 100]', stream: '0 0 m 200 100 l S' },
    ]),
  /** Pages that are all one object. */
  manyPages: (count = 100_000): Buffer => pdfOf([CATALOG, `<< /Type /Pages /Count ${count} /Kids [${'3 0 R '.repeat(count)}] >>`, `<< /Type /Page /Parent 2 0 R ${box} >>`]),
  hugePage: (): Buffer => pdf([{ size: [2_000_000, 2_000_000] }]),
  /** 1 GiB of white space, compressed twice. */
  doubleFlate: (): Buffer => {
    const once = deflateSync(Buffer.alloc(1024 ** 3, ' '), { level: 9 });
    return pdfOf([CATALOG, PAGES, `<< /Type /Page /Parent 2 0 R ${box} /Contents 4 0 R >>`, { entries: '/Filter [/FlateDecode /FlateDecode]', stream: deflateSync(once, { level: 9 }) }]);
  },
  /** A table of objects that names itself as the one before it. */
  xrefLoop: (): Buffer => {
    const plain = pdf([{ text: 'loop' }]).toString('latin1');
    const start = /startxref\n(\d+)/.exec(plain)![1]!;
    return Buffer.from(plain.replace('/Root 1 0 R', `/Root 1 0 R /Prev ${start}`), 'latin1');
  },
  /** 200,000 arrays inside each other. */
  nesting: (): Buffer => pdfOf([CATALOG, PAGES, `<< /Type /Page /Parent 2 0 R ${box} /Deep ${'['.repeat(200_000)}${']'.repeat(200_000)} >>`]),
  /** An image that says it has four gigapixels. */
  hugeImage: (): Buffer =>
    pdfOf([
      CATALOG,
      PAGES,
      `<< /Type /Page /Parent 2 0 R ${box} /Contents 4 0 R /Resources << /XObject << /I 5 0 R >> >> >>`,
      { entries: '', stream: 'q 200 0 0 100 0 0 cm /I Do Q' },
      { entries: '/Type /XObject /Subtype /Image /Width 65000 /Height 65000 /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /FlateDecode', stream: deflateSync(Buffer.alloc(1_000_000)) },
    ]),
} as const;
