import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from './run';

/** Stands in every document, so that a conversion that loses the text is seen. */
export const CANARY = 'Millrace';

const NAMES = { office: 'office', text: 'text', table: 'table', draw: 'drawing', svg: 'svg-compatible' };
const NAMESPACES = Object.entries(NAMES)
  .map(([prefix, name]) => `xmlns:${prefix}="urn:oasis:names:tc:opendocument:xmlns:${name}:1.0"`)
  .join(' ');
const flat = (kind: string, body: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><office:document ${NAMESPACES} office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.${kind}"><office:body>${body}</office:body></office:document>`;
const cells = (...texts: string[]): string => `<table:table-row>${texts.map((text) => `<table:table-cell office:value-type="string"><text:p>${text}</text:p></table:table-cell>`).join('')}</table:table-row>`;
const table = `<table:table table:name="Sheet1"><table:table-column table:number-columns-repeated="2"/>${cells(CANARY, 'turns')}${cells('water', '42')}</table:table>`;

/** Flat OpenDocument texts, from which LibreOffice makes the other formats. */
const SOURCES = {
  fodt: flat('text', `<office:text><text:h text:outline-level="1">${CANARY}</text:h><text:p>The wheel turns. Größe, çà et là.</text:p>${table}</office:text>`),
  fods: flat('spreadsheet', `<office:spreadsheet>${table}</office:spreadsheet>`),
  fodp: flat('presentation', `<office:presentation><draw:page draw:name="p1"><draw:frame svg:x="2cm" svg:y="2cm" svg:width="20cm" svg:height="4cm"><draw:text-box><text:p>${CANARY}</text:p></draw:text-box></draw:frame></draw:page></office:presentation>`),
  fodg: flat('graphics', `<office:drawing><draw:page draw:name="p1"><draw:frame svg:x="2cm" svg:y="2cm" svg:width="10cm" svg:height="2cm"><draw:text-box><text:p>${CANARY}</text:p></draw:text-box></draw:frame></draw:page></office:drawing>`),
} as const;
type Source = keyof typeof SOURCES;

/** Which flat text each format is made of, with the export filter where the ending alone does not name it. */
const MADE_OF: Readonly<Record<string, readonly [Source, string?]>> = {
  docx: ['fodt'],
  docm: ['fodt', 'docm:MS Word 2007 XML VBA'],
  dotx: ['fodt', 'dotx:MS Word 2007 XML Template'],
  doc: ['fodt'],
  dot: ['fodt', 'dot:MS Word 97 Vorlage'],
  odt: ['fodt'],
  ott: ['fodt'],
  rtf: ['fodt'],
  xlsx: ['fods'],
  xlsm: ['fods', 'xlsm:Calc MS Excel 2007 VBA XML'],
  xltx: ['fods', 'xltx:Calc MS Excel 2007 XML Template'],
  xls: ['fods'],
  ods: ['fods'],
  ots: ['fods'],
  pptx: ['fodp'],
  pptm: ['fodp', 'pptm:Impress MS PowerPoint 2007 XML VBA'],
  ppsx: ['fodp', 'ppsx:Impress MS PowerPoint 2007 XML AutoPlay'],
  potx: ['fodp', 'potx:Impress MS PowerPoint 2007 XML Template'],
  ppt: ['fodp'],
  pps: ['fodp', 'pps:MS PowerPoint 97 AutoPlay'],
  odp: ['fodp'],
  otp: ['fodp'],
  odg: ['fodg'],
  pdf: ['fodt'],
};

const TEXTS: Readonly<Record<string, string>> = {
  ...SOURCES,
  txt: `${CANARY}\nThe wheel turns. Größe, çà et là.\n`,
  csv: `name,value\n${CANARY},42\n"a, b",7\n`,
  html: `<!DOCTYPE html><html><head><title>${CANARY}</title></head><body><h1>${CANARY}</h1><p>The wheel turns.</p></body></html>`,
  md: `# ${CANARY}\n\nThe wheel turns.\n`,
};

/** Makes the document sample of a format; undefined for a format that nothing here makes. */
export async function documentSample(format: string, folder: string): Promise<string | undefined> {
  const file = path.join(folder, `sample.${format}`);
  const literal = TEXTS[format];
  if (literal !== undefined) {
    await writeFile(file, literal);
    return file;
  }
  const made = MADE_OF[format];
  if (!made) return undefined;
  const [source, filter = format] = made;
  const work = path.join(folder, `making-${format}`);
  await mkdir(work, { recursive: true });
  await writeFile(path.join(work, `sample.${source}`), SOURCES[source]);
  const args = ['--headless', '--norestore', `-env:UserInstallation=file://${path.join(folder, 'profile')}`, '--convert-to', filter, '--outdir', work, path.join(work, `sample.${source}`)];
  // The first start of a fresh profile ends with 81 and does nothing.
  await run('soffice', args).catch(() => run('soffice', args));
  await copyFile(path.join(work, `sample.${format}`), file);
  await rm(work, { recursive: true });
  return file;
}
