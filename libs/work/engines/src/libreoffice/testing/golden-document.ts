import { odt, paragraph, picture } from './odf';

const STYLES = `<office:automatic-styles>
<style:style style:name="Rtl" style:family="paragraph"><style:paragraph-properties fo:text-align="end" style:writing-mode="rl-tb"/><style:text-properties fo:font-size="18pt" style:font-size-complex="18pt" style:font-name-complex="Noto Sans Arabic"/></style:style>
<style:style style:name="Big" style:family="paragraph"><style:text-properties fo:font-size="28pt" fo:font-weight="bold" fo:font-family="Carlito"/></style:style>
<style:style style:name="Head" style:family="table-cell"><style:table-cell-properties fo:background-color="#204a87" fo:border="1pt solid #000000" fo:padding="0.2cm"/></style:style>
<style:style style:name="Cell" style:family="table-cell"><style:table-cell-properties fo:background-color="#d3d7cf" fo:border="1pt solid #000000" fo:padding="0.2cm"/></style:style>
</office:automatic-styles>`;

const cell = (text: string, style: string) => `<table:table-cell table:style-name="${style}" office:value-type="string">${paragraph(text)}</table:table-cell>`;
const row = (style: string, ...texts: string[]) => `<table:table-row>${texts.map((text) => cell(text, style)).join('')}</table:table-row>`;
const TABLE = `<table:table table:name="T"><table:table-column table:number-columns-repeated="3"/>${row('Head', '', '', '')}${row('Cell', 'North', '12', '東京')}${row('Cell', 'South', '34', 'Αθήνα')}</table:table>`;

const number = (value: number) => `<table:table-cell office:value-type="float" office:value="${value}">${paragraph(String(value))}</table:table-cell>`;
const named = (text: string) => `<table:table-cell office:value-type="string">${paragraph(text)}</table:table-cell>`;
const DATA = `<table:table table:name="local-table"><table:table-header-columns><table:table-column/></table:table-header-columns><table:table-columns><table:table-column/></table:table-columns>
<table:table-header-rows><table:table-row><table:table-cell>${paragraph('')}</table:table-cell>${named('Sales')}</table:table-row></table:table-header-rows>
<table:table-rows>${[3, 9, 6, 12].map((value, i) => `<table:table-row>${named(`Q${i + 1}`)}${number(value)}</table:table-row>`).join('')}</table:table-rows></table:table>`;

/** A bar chart with its data. */
const CHART = {
  styles:
    '<office:automatic-styles><style:style style:name="bars" style:family="chart"><style:graphic-properties draw:fill="solid" draw:fill-color="#cc0000"/></style:style><style:style style:name="frame" style:family="chart"><style:graphic-properties draw:stroke="solid" svg:stroke-color="#000000"/></style:style></office:automatic-styles>',
  body: `<chart:chart chart:class="chart:bar" chart:style-name="frame" svg:width="12cm" svg:height="7cm"><chart:plot-area table:cell-range-address="local-table.A1:local-table.B5" chart:data-source-has-labels="both">
<chart:axis chart:dimension="x" chart:name="primary-x"><chart:categories table:cell-range-address="local-table.A2:local-table.A5"/></chart:axis><chart:axis chart:dimension="y" chart:name="primary-y"/>
<chart:series chart:style-name="bars" chart:values-cell-range-address="local-table.B2:local-table.B5" chart:label-cell-address="local-table.B1" chart:class="chart:bar"/></chart:plot-area>${DATA}</chart:chart>`,
};
const CHART_FRAME =
  '<draw:frame text:anchor-type="as-char" svg:width="12cm" svg:height="7cm"><draw:object xlink:href="./Chart" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/></draw:frame>';

const PARTS = {
  title: () => paragraph('Quarterly figures', 'Big'),
  rightToLeft: () => paragraph('مرحبا بالعالم: هذا نص عربي يُقرأ من اليمين إلى اليسار', 'Rtl') + paragraph('שלום עולם, שורה בעברית', 'Rtl'),
  table: () => TABLE,
  picture: (image: Buffer) => picture(image, '5cm', '4cm'),
  chart: () => paragraph(CHART_FRAME),
};

/** A page with a heading, lines that are read from right to left, a table, a picture and a chart, but for the parts left out. */
export function goldenDocument(image: Buffer, ...without: (keyof typeof PARTS)[]): Buffer {
  const parts = Object.entries(PARTS).map(([name, make]) => ((without as string[]).includes(name) ? '' : make(image)));
  return odt(parts.join(''), STYLES, { Chart: CHART });
}
