import { zip } from './zip';

const NAMESPACES = Object.entries({
  office: 'urn:oasis:names:tc:opendocument:xmlns:office:1.0',
  style: 'urn:oasis:names:tc:opendocument:xmlns:style:1.0',
  text: 'urn:oasis:names:tc:opendocument:xmlns:text:1.0',
  table: 'urn:oasis:names:tc:opendocument:xmlns:table:1.0',
  draw: 'urn:oasis:names:tc:opendocument:xmlns:drawing:1.0',
  presentation: 'urn:oasis:names:tc:opendocument:xmlns:presentation:1.0',
  fo: 'urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0',
  svg: 'urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0',
  chart: 'urn:oasis:names:tc:opendocument:xmlns:chart:1.0',
  script: 'urn:oasis:names:tc:opendocument:xmlns:script:1.0',
  form: 'urn:oasis:names:tc:opendocument:xmlns:form:1.0',
  of: 'urn:oasis:names:tc:opendocument:xmlns:of:1.2',
  dc: 'http://purl.org/dc/elements/1.1/',
  xlink: 'http://www.w3.org/1999/xlink',
  ooo: 'http://openoffice.org/2004/office',
})
  .map(([prefix, uri]) => `xmlns:${prefix}="${uri}"`)
  .join(' ');

type Kind = 'text' | 'spreadsheet' | 'presentation' | 'drawing' | 'chart';

/** A whole document in the flat form of OpenDocument. */
export function flat(kind: Kind, body: string, before = ''): Buffer {
  const mimetype = `application/vnd.oasis.opendocument.${kind === 'drawing' ? 'graphics' : kind}`;
  return Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<office:document ${NAMESPACES} office:version="1.2" office:mimetype="${mimetype}">${before}` +
      `<office:body><office:${kind}>${body}</office:${kind}></office:body></office:document>`,
  );
}

/**
 * A text as a package, with charts as objects in it.
 * @param charts by the name that `<draw:object xlink:href="./NAME">` has; each the inside of an office:chart, and its styles.
 */
export function odt(body: string, styles: string, charts: Readonly<Record<string, { styles: string; body: string }>>): Buffer {
  const content = (kind: Kind, before: string, inside: string) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content ${NAMESPACES} office:version="1.2">${before}<office:body><office:${kind}>${inside}</office:${kind}></office:body></office:document-content>`;
  const mimetype = (kind: Kind) => `application/vnd.oasis.opendocument.${kind}`;
  const entry = (name: string, type: string) => `<manifest:file-entry manifest:full-path="${name}" manifest:media-type="${type}"/>`;
  const names = Object.keys(charts);
  const listed = [entry('/', mimetype('text')), entry('content.xml', 'text/xml'), ...names.flatMap((name) => [entry(`${name}/`, mimetype('chart')), entry(`${name}/content.xml`, 'text/xml')])];
  return zip({
    mimetype: mimetype('text'),
    'content.xml': content('text', styles, body),
    ...Object.fromEntries(names.map((name) => [`${name}/content.xml`, content('chart', charts[name]!.styles, charts[name]!.body)])),
    'META-INF/manifest.xml': `<?xml version="1.0" encoding="UTF-8"?>\n<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">${listed.join('')}</manifest:manifest>`,
  });
}

/** A text: its paragraphs, and what comes before the body (styles, scripts). */
export const fodt = (body: string, before = ''): Buffer => flat('text', body, before);

export const paragraph = (text: string, style?: string): string => `<text:p${style ? ` text:style-name="${style}"` : ''}>${text}</text:p>`;

/** A text of so many pages, each with a heading. */
export function pages(count: number): Buffer {
  const styles =
    '<office:automatic-styles><style:style style:name="New" style:family="paragraph"><style:paragraph-properties fo:break-before="page"/></style:style></office:automatic-styles>';
  const page = (_: unknown, i: number) => `<text:h text:outline-level="1" text:style-name="New">Chapter ${i + 1}</text:h>${paragraph(`This is page ${i + 1}.`)}`;
  return fodt(Array.from({ length: count }, page).join(''), styles);
}

/** A picture at its place in a text: linked by URL, or the bytes of a file. */
export function picture(source: string | Buffer, width = '4cm', height = '4cm'): string {
  const image =
    typeof source === 'string'
      ? `<draw:image xlink:href="${source}" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/>`
      : `<draw:image><office:binary-data>${source.toString('base64')}</office:binary-data></draw:image>`;
  return paragraph(`<draw:frame text:anchor-type="as-char" svg:width="${width}" svg:height="${height}">${image}</draw:frame>`);
}

/** A spreadsheet: cells as text, or as markup of their own when they begin with "<". */
export function fods(sheets: Readonly<Record<string, readonly (readonly string[])[]>>, before = ''): Buffer {
  const cell = (value: string) => (value.startsWith('<') ? value : `<table:table-cell office:value-type="string">${paragraph(value)}</table:table-cell>`);
  const tables = Object.entries(sheets).map(
    ([name, rows]) => `<table:table table:name="${name}">${rows.map((row) => `<table:table-row>${row.map(cell).join('')}</table:table-row>`).join('')}</table:table>`,
  );
  return flat('spreadsheet', before + tables.join(''));
}

/** A cell with a formula, and the value it had when it was saved. */
export const formula = (text: string): string =>
  `<table:table-cell table:formula="of:=${text.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}" office:value-type="string" office:string-value="old">${paragraph('old')}</table:table-cell>`;

/** A presentation with a line of text on each of its slides. */
export function fodp(...slides: string[]): Buffer {
  const slide = (text: string) =>
    `<draw:page draw:master-page-name="M"><draw:frame svg:x="2cm" svg:y="2cm" svg:width="10cm" svg:height="2cm"><draw:text-box>${paragraph(text)}</draw:text-box></draw:frame></draw:page>`;
  const master =
    '<office:automatic-styles><style:page-layout style:name="L"><style:page-layout-properties fo:page-width="28cm" fo:page-height="21cm"/></style:page-layout></office:automatic-styles>' +
    '<office:master-styles><style:master-page style:name="M" style:page-layout-name="L"/></office:master-styles>';
  return flat('presentation', slides.map(slide).join(''), master);
}
