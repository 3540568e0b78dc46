import sharp from 'sharp';
import { goldenDocument } from './testing/golden-document';
import { OfficeBench } from './testing/office-bench';
import { firstPage, pageCount, textOf } from './testing/pdf-facts';
import { distance, perceptualHash } from './testing/perceptual-hash';

// Loading LibreOffice takes a second on an idle machine, and many on a crowded one.
jest.setTimeout(120_000);

const GOLDEN = 'c000d818dcccc964c240c200c688d888da88ca88ca8000004a80000000000000';
/** Of 256 bits. Another version of a font moves some lines by a pixel; a part that is missing changes 30 and more. */
const TOLERANCE = 12;

const bench = new OfficeBench();
beforeAll(() => bench.start());
afterAll(() => bench.stop());
beforeEach(() => bench.open());
afterEach(() => bench.close());

/** A picture of four colours. */
async function image(): Promise<Buffer> {
  const part = (background: string) => sharp({ create: { width: 50, height: 40, channels: 3, background } }).png().toBuffer();
  const [green, blue, yellow] = [await part('#4e9a06'), await part('#3465a4'), await part('#edd400')];
  const base = sharp({ create: { width: 100, height: 80, channels: 3, background: '#cc0000' } });
  return base.composite([{ input: green, left: 50, top: 0 }, { input: blue, left: 0, top: 40 }, { input: yellow, left: 50, top: 40 }]).png().toBuffer();
}

async function rendered(bytes: Buffer): Promise<{ pdf: Buffer; hash: string }> {
  const pdf = await bench.bytes({ bytes, type: 'odt', filename: 'golden.odt' }, { output_format: 'pdf' });
  return { pdf, hash: await perceptualHash(await firstPage(pdf)) };
}

it('renders a page with table, picture, chart and text from right to left as it was once looked at', async () => {
  const { pdf, hash } = await rendered(goldenDocument(await image()));
  expect(await pageCount(pdf)).toBe(1);
  expect(await textOf(pdf)).toMatch(/Quarterly figures.*North.*12.*東京.*South.*34.*Αθήνα/);
  expect({ hash, off: distance(hash, GOLDEN) <= TOLERANCE }).toEqual({ hash, off: true });
});

it.each(['title', 'rightToLeft', 'table', 'picture', 'chart'] as const)('would tell that a part is missing: %s', async (part) => {
  const { hash } = await rendered(goldenDocument(await image(), part));
  expect(distance(hash, GOLDEN)).toBeGreaterThan(TOLERANCE);
});
