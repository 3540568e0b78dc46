import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { EngineBench } from '../testing/engine-bench';
import { HOSTILE, pdf, pdfOf } from '../testing/pdf';
import { popplerEngine } from './poppler-engine';

const bench = new EngineBench(popplerEngine);
let server: Server;
let hits = 0;
beforeAll(async () => {
  await bench.start();
  server = createServer((_, response) => {
    hits += 1;
    response.end('canary');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => bench.open());
afterEach(async () => {
  // Whatever the file did, the next one is converted.
  expect((await outcome(pdf([{ text: 'control' }]), 'txt')).text).toContain('control');
  bench.close();
});

/** So long may the attacks take that are meant to take for ever, or far more, ms. */
const SHORT_MS = 1500;
const LONG_MS = 120_000;

async function outcome(bytes: Buffer, output_format: string, patienceMs = LONG_MS): Promise<{ code: string; text: string }> {
  try {
    const { outputs } = await bench.run([{ bytes, type: 'pdf' }], { output_format }, { deadline: new Date(Date.now() + patienceMs) });
    return { code: 'FINISHED', text: Buffer.concat(outputs.map((output) => output.bytes)).toString('latin1') };
  } catch (error) {
    return { code: (error as { code: string }).code, text: '' };
  }
}

// THREATS E21: each ends, in a stated way.
describe('a PDF made to exhaust its reader', () => {
  it.each([
    ['a tree of pages that is a loop', HOSTILE.pageTreeLoop, 'INVALID_INPUT', 'INVALID_INPUT', LONG_MS],
    ['a hundred thousand pages that are one object', HOSTILE.manyPages, 'INVALID_INPUT', 'INVALID_INPUT', LONG_MS],
    ['a page of two million points', HOSTILE.hugePage, 'LIMIT_EXCEEDED', 'INVALID_INPUT', LONG_MS],
    ['a form that draws itself', HOSTILE.selfDrawingForm, 'FINISHED', 'INVALID_INPUT', LONG_MS],
    ['forms that draw the next ten times each', HOSTILE.nestedForms, 'TIMEOUT', 'TIMEOUT', SHORT_MS],
    ['a gibibyte compressed twice', HOSTILE.doubleFlate, 'FINISHED|TIMEOUT', 'INVALID_INPUT|TIMEOUT', SHORT_MS],
    ['a table of objects that is a loop', HOSTILE.xrefLoop, 'FINISHED', 'FINISHED', LONG_MS],
    ['deep nesting', HOSTILE.nesting, 'FINISHED', 'INVALID_INPUT', LONG_MS],
    ['an image of four gigapixels', HOSTILE.hugeImage, 'FINISHED|TIMEOUT', 'INVALID_INPUT|TIMEOUT', SHORT_MS],
  ])('%s', async (_, make, drawn, read, patienceMs) => {
    const bytes = make();
    expect((await outcome(bytes, 'png', patienceMs)).code).toMatch(new RegExp(`^(${drawn})$`));
    expect((await outcome(bytes, 'txt', patienceMs)).code).toMatch(new RegExp(`^(${read})$`));
  });

  it('has benign twins: many pages, a large page, nested forms', async () => {
    const form = (stream: string, next = '') => ({ entries: `/Type /XObject /Subtype /Form /BBox [0 0 200 100] ${next && `/Resources << /XObject << /X ${next} >> >>`}`, stream });
    const forms = pdfOf([
      '<< /Type /Catalog /Pages 2 0 R >>',
      '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>',
      form('/X Do'),
      form('/X Do /X Do', '6 0 R'),
      form('0 0 m 200 100 l S'),
    ]);
    expect((await outcome(forms, 'png')).code).toBe('FINISHED');
    expect((await outcome(pdf([{ size: [3000, 3000] }]), 'png')).code).toBe('FINISHED');
    expect((await outcome(pdf(Array.from({ length: 300 }, () => ({ text: 'x' }))), 'txt')).code).toBe('FINISHED');
  });
});

// THREATS E22: a renderer has no reason to act.
describe('a PDF that acts', () => {
  const acting = (catalog: string, contents = '<< /Length 0 >>') =>
    pdfOf([
      `<< /Type /Catalog /Pages 2 0 R ${catalog} >>`,
      '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents [4 0 R 5 0 R] /Resources << /Font << /F 6 0 R >> >> /AA << /O << /S /URI /URI (http://127.0.0.1:${(server.address() as AddressInfo).port}/page) >> >> >>`,
      { entries: '', stream: 'BT /F 12 Tf 10 50 Td (benign) Tj ET' },
      contents.startsWith('<<') ? { entries: contents.slice(2, -2).replace('/Length 0', ''), stream: '' } : contents,
      '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ]);

  it('calls nobody and shows nothing from outside', async () => {
    const { port } = server.address() as AddressInfo;
    const address = `(http://127.0.0.1:${port}/x)`;
    const canary = path.join(bench.dir, 'canary.txt');
    writeFileSync(canary, 'BT /F 12 Tf 10 20 Td (canary) Tj ET');
    const documents = [
      acting(`/OpenAction << /S /URI /URI ${address} >>`),
      acting(`/OpenAction << /S /SubmitForm /F << /FS /URL /F ${address} >> >>`),
      acting(`/OpenAction << /S /Launch /F (/bin/sh) >>`),
      acting(`/OpenAction << /S /JavaScript /JS (app.launchURL\\("http://127.0.0.1:${port}/js"\\);) >>`),
      acting(`/OpenAction << /S /GoToR /F << /FS /URL /F ${address} >> /D [0 /Fit] >>`),
      acting('', `<< /F (${canary}) /Length 0 >>`),
      acting('', `<< /F << /FS /URL /F ${address} >> /Length 0 >>`),
    ];
    for (const bytes of documents) {
      const { code, text } = await outcome(bytes, 'txt');
      expect([code, text.trim()]).toEqual(['FINISHED', 'benign']);
      expect((await outcome(bytes, 'svg')).code).toBe('FINISHED');
    }
    expect(hits).toBe(0);
    await fetch(`http://127.0.0.1:${port}/`);
    expect(hits).toBe(1);
  });
});
