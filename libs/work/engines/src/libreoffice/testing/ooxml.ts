import { zip } from './zip';

const TYPES = 'http://schemas.openxmlformats.org/package/2006/content-types';
const RELATIONS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml';
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** The shape that shows the picture of relation `id`, by its bytes or by its link. */
const drawing = (id: string, attribute: 'embed' | 'link') => `<w:p><w:r><w:drawing>
  <wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"><wp:extent cx="1000000" cy="1000000"/><wp:docPr id="1" name="p"/>
  <a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">
  <pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:nvPicPr><pic:cNvPr id="1" name="p"/><pic:cNvPicPr/></pic:nvPicPr>
  <pic:blipFill><a:blip r:${attribute}="${id}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>
  <pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="1000000" cy="1000000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>
  </a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>`;

export interface DocxParts {
  readonly text?: string;
  /** A picture by URL, or its bytes (PNG). */
  readonly image?: string | Buffer;
  /** A compound file of macros, as Word would keep it. */
  readonly macros?: Buffer;
}

/** A Word document of one paragraph and at most one picture. */
export function docx({ text = 'Hello', image, macros }: DocxParts = {}): Buffer {
  const linked = typeof image === 'string';
  const relation = image === undefined ? '' : `<Relationship Id="rP" Type="${OFFICE}/image" Target="${linked ? image : 'media/p.png'}"${linked ? ' TargetMode="External"' : ''}/>`;
  const vba = macros ? '<Relationship Id="rV" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="vbaProject.bin"/>' : '';
  const main = macros ? 'application/vnd.ms-word.document.macroEnabled.main+xml' : WORD;
  const bin = macros ? '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>' : '';
  return zip({
    '[Content_Types].xml': `${HEAD}<Types xmlns="${TYPES}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="png" ContentType="image/png"/>${bin}<Override PartName="/word/document.xml" ContentType="${main}"/></Types>`,
    '_rels/.rels': `${HEAD}<Relationships xmlns="${RELATIONS}"><Relationship Id="r1" Type="${OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>`,
    'word/document.xml': `${HEAD}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="${OFFICE}"><w:body><w:p><w:r><w:t>${text}</w:t></w:r></w:p>${image === undefined ? '' : drawing('rP', linked ? 'link' : 'embed')}</w:body></w:document>`,
    'word/_rels/document.xml.rels': `${HEAD}<Relationships xmlns="${RELATIONS}">${relation}${vba}</Relationships>`,
    ...(Buffer.isBuffer(image) && { 'word/media/p.png': image }),
    ...(macros && { 'word/vbaProject.bin': macros }),
  });
}
