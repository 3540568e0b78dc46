/** The kinds of document that LibreOffice has a program for. */
export type Family = 'writer' | 'calc' | 'impress' | 'draw';

/** How a type is read. */
export interface Reader {
  readonly family: Family;
  /** The import filter, by name: LibreOffice is never left to guess. */
  readonly filter: string;
  /** Plain text says nothing of its encoding; the driver finds out. */
  readonly options?: 'text' | 'csv';
}

/** How a type is written. */
export interface Writer {
  readonly filter: string;
  readonly options?: string;
  /** True where a file holds one sheet. */
  readonly perSheet?: boolean;
}

const readers = (family: Family, filters: Readonly<Record<string, string>>): [string, Reader][] =>
  Object.entries(filters).map(([type, filter]) => [type, { family, filter }]);

export const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ...readers('writer', {
    docx: 'MS Word 2007 XML',
    docm: 'MS Word 2007 XML VBA',
    dotx: 'MS Word 2007 XML Template',
    doc: 'MS Word 97',
    odt: 'writer8',
    fodt: 'OpenDocument Text Flat XML',
    rtf: 'Rich Text Format',
    html: 'HTML (StarWriter)',
  }),
  ['txt', { family: 'writer', filter: 'Text (encoded)', options: 'text' }],
  ...readers('calc', {
    xlsx: 'Calc MS Excel 2007 XML',
    xlsm: 'Calc MS Excel 2007 VBA XML',
    xls: 'MS Excel 97',
    ods: 'calc8',
    fods: 'OpenDocument Spreadsheet Flat XML',
  }),
  ['csv', { family: 'calc', filter: 'Text - txt - csv (StarCalc)', options: 'csv' }],
  ...readers('impress', {
    pptx: 'Impress MS PowerPoint 2007 XML',
    pptm: 'Impress MS PowerPoint 2007 XML VBA',
    ppsx: 'Impress MS PowerPoint 2007 XML AutoPlay',
    ppt: 'MS PowerPoint 97',
    odp: 'impress8',
    fodp: 'OpenDocument Presentation Flat XML',
  }),
  ...readers('draw', {
    odg: 'draw8',
    fodg: 'OpenDocument Drawing Flat XML',
    png: 'PNG - Portable Network Graphic',
    jpg: 'JPG - JPEG',
    gif: 'GIF - Graphics Interchange',
    bmp: 'BMP - MS Windows',
    tiff: 'TIF - Tag Image File',
    webp: 'WEBP - WebP',
  }),
]);

/** Separator comma, quote ", UTF-8, from the first line, no column formats, language of the document; cells as they are shown, no formulas. The sheet's number follows. */
const CSV = '44,34,76,1,,0,false,true,true,false,false';

export const WRITERS: Readonly<Record<Family, ReadonlyMap<string, Writer>>> = {
  writer: new Map<string, Writer>([
    ['pdf', { filter: 'writer_pdf_Export' }],
    ['docx', { filter: 'MS Word 2007 XML' }],
    ['doc', { filter: 'MS Word 97' }],
    ['odt', { filter: 'writer8' }],
    ['rtf', { filter: 'Rich Text Format' }],
    ['txt', { filter: 'Text (encoded)', options: 'UTF8,LF,,,' }],
    // Pictures within the file: there is one output file.
    ['html', { filter: 'HTML (StarWriter)', options: 'EmbedImages' }],
  ]),
  calc: new Map<string, Writer>([
    ['pdf', { filter: 'calc_pdf_Export' }],
    ['xlsx', { filter: 'Calc MS Excel 2007 XML' }],
    ['xls', { filter: 'MS Excel 97' }],
    ['ods', { filter: 'calc8' }],
    ['csv', { filter: 'Text - txt - csv (StarCalc)', options: CSV, perSheet: true }],
    ['html', { filter: 'HTML (StarCalc)', options: 'SkipImages' }],
  ]),
  impress: new Map<string, Writer>([
    ['pdf', { filter: 'impress_pdf_Export' }],
    ['pptx', { filter: 'Impress MS PowerPoint 2007 XML' }],
    ['ppt', { filter: 'MS PowerPoint 97' }],
    ['odp', { filter: 'impress8' }],
  ]),
  draw: new Map<string, Writer>([['pdf', { filter: 'draw_pdf_Export' }]]),
};
