import { pictureSize } from './picture-size';

const page = { width: 360, height: 720 };
const sizing = { density: 150, fixed: false, fit: 'max' } as const;

describe('pictureSize', () => {
  it.each([
    ['the density decides', {}, { width: 750, height: 1500 }],
    ['a density of one’s own', { density: 72, fixed: true }, { width: 360, height: 720 }],
    ['max fits into the box', { width: 100, height: 100 }, { width: 50, height: 100 }],
    ['max draws larger where only the box was asked for', { width: 3600, height: 3600 }, { width: 1800, height: 3600 }],
    ['max draws no larger than a density that was asked for', { width: 3600, height: 3600, density: 72, fixed: true }, { width: 360, height: 720 }],
    ['one side', { width: 36 }, { width: 36, height: 72 }],
    ['one side, whatever the fit', { height: 72, fit: 'crop' as const }, { width: 36, height: 72 }],
    ['scale distorts', { width: 100, height: 100, fit: 'scale' as const }, { width: 100, height: 100 }],
    ['crop keeps the middle', { width: 100, height: 100, fit: 'crop' as const }, { width: 100, height: 200, window: { x: 0, y: 50, width: 100, height: 100 } }],
    ['crop across', { width: 300, height: 100, fit: 'crop' as const }, { width: 300, height: 600, window: { x: 0, y: 250, width: 300, height: 100 } }],
    ['never nothing', { width: 1, height: 1 }, { width: 1, height: 1 }],
  ])('%s', (_, options, size) => expect(pictureSize(page, { ...sizing, ...options })).toEqual(size));

  it.each([
    ['a huge page', { width: 2_000_000, height: 2_000_000 }, {}],
    ['a dense page', { width: 720, height: 720 }, { density: 1200 }],
    ['a page that is a line', { width: 1, height: 100_000 }, { width: 10 }],
    ['a line that is cut', { width: 1, height: 100_000 }, { width: 100, height: 100, fit: 'crop' as const }],
  ])('%s is over the limit', (_, size, options) => {
    expect(() => pictureSize(size, { ...sizing, ...options })).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED', publicMessage: expect.stringContaining('100,000,000 pixels') }));
  });

  it('lets the largest sheets of paper through', () => {
    expect(pictureSize({ width: 2384, height: 3370 }, { ...sizing, density: 200 })).toEqual({ width: 6622, height: 9361 });
  });
});
