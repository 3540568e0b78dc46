import type { SizeOptions } from './options';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What to do with a picture: scale it, then perhaps cut it around its middle. */
export interface Reshape {
  readonly scale: Size;
  readonly crop?: Size;
}

/**
 * How a picture of this size becomes what the options ask for; undefined when it may stay as it is.
 * With one side given there is only one size that keeps the ratio: `scale` and `crop` take it, `max` only when it is no larger.
 * @param step sides are multiples of it: 2 for codecs that halve their colours.
 */
export function reshape(source: Size, { width, height, fit }: SizeOptions, step: 1 | 2): Reshape | undefined {
  const whole = (side: number): number => Math.max(step, Math.round(side / step) * step);
  const sized = (factor: number): Size => ({ width: whole(source.width * factor), height: whole(source.height * factor) });
  if (width == null && height == null) {
    return source.width % step === 0 && source.height % step === 0 ? undefined : { scale: { width: floor(source.width, step), height: floor(source.height, step) } };
  }
  const factors = [width && width / source.width, height && height / source.height].filter((factor) => factor != null);
  if (fit === 'max') return { scale: sized(Math.min(1, ...factors)) };
  if (width == null || height == null) return { scale: withExactSide(sized(factors[0]!), width, height, whole) };
  const box = { width: whole(width), height: whole(height) };
  if (fit !== 'crop') return { scale: box };
  const cover = sized(Math.max(...factors));
  return { scale: { width: Math.max(cover.width, box.width), height: Math.max(cover.height, box.height) }, crop: box };
}

const floor = (side: number, step: number): number => Math.max(step, side - (side % step));

const withExactSide = (size: Size, width: number | null | undefined, height: number | null | undefined, whole: (side: number) => number): Size => ({
  width: width == null ? size.width : whole(width),
  height: height == null ? size.height : whole(height),
});
