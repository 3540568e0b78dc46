import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import sharp from 'sharp';
import { EngineBench } from '../testing/engine-bench';
import { sharpEngine } from './sharp-engine';
import { centre, plain, svg } from './testing/images';

const bench = new EngineBench(sharpEngine);
let server: Server;
const hits: string[] = [];
beforeAll(async () => {
  await bench.start();
  server = createServer((request, response) => {
    hits.push(request.url ?? '');
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  bench.open();
  hits.length = 0;
});
afterEach(() => {
  bench.close();
  expect(hits).toEqual([]);
});

const RED = [0xc0, 0x10, 0x20, 255];
const CLEAR = [0, 0, 0, 0];
const url = (file: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${file}`;
const drawn = async (bytes: Buffer) => centre((await bench.run([{ bytes, type: 'svg' }], { output_format: 'png' })).outputs[0]!.bytes);
const image = (href: string) => svg(`<image xlink:href="${href}" width="40" height="20"/>`);

describe('an svg', () => {
  it('would be heard if it fetched', async () => {
    await fetch(url('alive'));
    expect(hits.splice(0)).toEqual(['/alive']);
  });

  it('draws what it holds', async () => {
    const inside = await plain().png().toBuffer();
    expect(await drawn(image(`data:image/png;base64,${inside.toString('base64')}`))).toEqual(RED);
    expect(await drawn(svg('<style>rect { fill: #c01020 }</style><rect width="40" height="20"/>'))).toEqual(RED);
  });

  it('draws no file of the machine, neither beside it nor elsewhere', async () => {
    const folder = path.join(bench.dir, 'beside');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'neighbour.png'), await plain().png().toBuffer());
    const hrefs = ['neighbour.png', '../neighbour.png', `file://${folder}/neighbour.png`, `${folder}/neighbour.png`];
    for (const href of hrefs) expect(await drawn(image(href))).toEqual(CLEAR);
    // Without the jail and its single file, the neighbour is drawn: the walls are what stops it.
    writeFileSync(path.join(folder, 'control.svg'), image('neighbour.png'));
    expect(await centre(await sharp(path.join(folder, 'control.svg')).png().toBuffer())).toEqual(RED);
  });

  it('draws no file that lies in its own folder while it is converted', async () => {
    // The runtime names inputs input.<type>; a second input lies in a folder of its own.
    const neighbour = { bytes: await plain().png().toBuffer(), type: 'png' };
    for (const href of ['../1/input.png', 'input.png']) {
      const { outputs } = await bench.run([{ bytes: image(href), type: 'svg' }, neighbour], { output_format: 'png' });
      expect(await centre(outputs[0]!.bytes)).toEqual(CLEAR);
    }
  });

  it.each([
    ['an image', () => image(url('image.png'))],
    ['a style sheet', () => Buffer.from(`<?xml-stylesheet type="text/css" href="${url('sheet.css')}"?>${svg('')}`)],
    ['an imported style', () => svg(`<style>@import url("${url('import.css')}");</style>`)],
    ['a font', () => svg(`<style>@font-face { font-family: x; src: url("${url('font.woff')}") }</style><text font-family="x">x</text>`)],
    ['a use', () => svg(`<use xlink:href="${url('other.svg')}#a"/>`)],
    ['a fill', () => svg(`<rect width="40" height="20" fill="url(${url('fill.svg')}#a)"/>`)],
    ['a filter', () => svg(`<filter id="f"><feImage xlink:href="${url('filter.png')}"/></filter><rect width="40" height="20" filter="url(#f)"/>`)],
    ['a script', () => svg(`<script xlink:href="${url('script.js')}"/>`)],
    ['a foreign object', () => svg(`<foreignObject width="40" height="20"><img xmlns="http://www.w3.org/1999/xhtml" src="${url('img.png')}"/></foreignObject>`)],
  ])('fetches nothing: %s', async (_, make) => {
    expect(await drawn(make())).toEqual(CLEAR);
  });

  it('cannot include files, by XInclude or as text', async () => {
    const file = path.join(bench.dir, 'secret.svg');
    writeFileSync(file, svg('<rect width="40" height="20" fill="#c01020"/>'));
    for (const href of [file, `file://${file}`, '/etc/passwd', url('include.xml')]) {
      for (const parse of ['xml', 'text']) {
        const include = `<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="${href}" parse="${parse}"><xi:fallback/></xi:include>`;
        expect(await drawn(svg(`<g>${include}</g><text>${include}</text>`))).toEqual(CLEAR);
      }
    }
  });

  it('cannot read files by entity', async () => {
    const entity = (declaration: string) => Buffer.from(`<!DOCTYPE svg [<!ENTITY x ${declaration}>]>${svg('&x;')}`);
    expect(await drawn(entity('\'<rect width="40" height="20" fill="#c01020"/>\''))).toEqual(RED);
    for (const where of ['file:///etc/hostname', url('entity')]) await expect(drawn(entity(`SYSTEM "${where}"`))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    const parameter = Buffer.from(`<!DOCTYPE svg [<!ENTITY % p SYSTEM "${url('dtd')}"> %p;]>${svg('<rect width="40" height="20" fill="#c01020"/>')}`);
    expect([RED, 'INVALID_INPUT']).toContainEqual(await drawn(parameter).catch((error: { code: string }) => error.code));
  });
});
