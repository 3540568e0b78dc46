import fc from 'fast-check';
import { reshape } from './frame-size';

const film = { width: 1280, height: 720 };
const scaled = (width: number, height: number) => ({ scale: { width, height } });

describe('reshape', () => {
  it.each([
    ['nothing asked', {}, undefined],
    ['max shrinks into the box', { width: 640, height: 640, fit: 'max' }, scaled(640, 360)],
    ['max never enlarges', { width: 4000, fit: 'max' }, scaled(1280, 720)],
    ['max by one side', { height: 360, fit: 'max' }, scaled(640, 360)],
    ['scale stretches', { width: 640, height: 640, fit: 'scale' }, scaled(640, 640)],
    ['scale is what no fit means', { width: 640, height: 640 }, scaled(640, 640)],
    ['scale by one side keeps the ratio, and enlarges', { width: 2560 }, scaled(2560, 1440)],
    ['crop fills the box', { width: 400, height: 400, fit: 'crop' }, { scale: { width: 712, height: 400 }, crop: { width: 400, height: 400 } }],
    ['crop by one side is scale', { height: 360, fit: 'crop' }, scaled(640, 360)],
    ['odd sides become even', { width: 333, height: 101 }, scaled(334, 102)],
  ] as const)('%s', (_, options, expected) => expect(reshape(film, options, 2)).toEqual(expected));

  it('keeps odd sides where they may be odd', () => {
    expect(reshape(film, { width: 333, height: 101 }, 1)).toEqual(scaled(333, 101));
    expect(reshape({ width: 31, height: 21 }, {}, 1)).toBeUndefined();
    expect(reshape({ width: 31, height: 21 }, {}, 2)).toEqual(scaled(30, 20));
    expect(reshape({ width: 1, height: 1 }, {}, 2)).toEqual(scaled(2, 2));
  });

  it('never crops more than there is, nor leaves the grid', () => {
    const side = fc.integer({ min: 1, max: 8000 });
    fc.assert(
      fc.property(side, side, fc.option(side, { nil: undefined }), fc.option(side, { nil: undefined }), fc.constantFrom('max', 'crop', 'scale'), (w, h, width, height, fit) => {
        const change = reshape({ width: w, height: h }, { width, height, fit: fit as 'max' }, 2);
        if (!change) return;
        const { scale, crop = scale } = change;
        for (const length of [scale.width, scale.height, crop.width, crop.height]) expect(length > 0 && length % 2 === 0).toBe(true);
        expect(crop.width <= scale.width && crop.height <= scale.height).toBe(true);
        if (fit === 'max' && width) expect(scale.width).toBeLessThanOrEqual(Math.max(2, Math.min(width + 1, w + 1)));
      }),
    );
  });
});
