import { Failure } from '@millrace/failures';
import type { Sizing } from './options';

/** A page as it is seen: with its rotation, inside its crop box. */
export interface PageSize {
  /** Points, 72 an inch. */
  readonly width: number;
  readonly height: number;
}

/** How a page is drawn, in pixels. */
export interface PictureSize {
  /** The whole page. */
  readonly width: number;
  readonly height: number;
  /** The part of it that is kept; all by default. */
  readonly window?: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/** Three bytes a pixel of it fit into the memory limit, with what a page needs besides. */
export const PIXEL_LIMIT = 100_000_000;
/** Poppler counts pixels of a side in 32 bits, and of a page that is cut in more than are kept. */
const SIDE_LIMIT = 100_000;

const pixels = (size: number): number => Math.max(1, Math.round(size));

/**
 * The picture of a page. A page has no size in pixels of its own, so it is drawn as large as the box asks for: `max` fits into it (but
 * becomes no larger than a density that was asked for), `crop` fills it and is cut at its edges, `scale` fills it and is distorted. With
 * one side given there is only one size that keeps the ratio.
 * @throws Failure LIMIT_EXCEEDED for more pixels than can be drawn.
 */
export function pictureSize(page: PageSize, sizing: Sizing): PictureSize {
  const size = unbounded(page, sizing);
  const kept = size.window ?? size;
  if (kept.width * kept.height > PIXEL_LIMIT || Math.max(size.width, size.height) > SIDE_LIMIT) {
    throw new Failure('LIMIT_EXCEEDED', `A page would be larger than the limit of ${PIXEL_LIMIT.toLocaleString('en')} pixels; choose a lower pixel_density, width or height`);
  }
  return size;
}

function unbounded({ width: w, height: h }: PageSize, { density, fixed, width, height, fit }: Sizing): PictureSize {
  const natural = density / 72;
  if (width === undefined && height === undefined) return { width: pixels(w * natural), height: pixels(h * natural) };
  if (width !== undefined && height !== undefined && fit !== 'max') {
    if (fit === 'scale') return { width, height };
    const factor = Math.max(width / w, height / h);
    const [whole, tall] = [Math.max(width, pixels(w * factor)), Math.max(height, pixels(h * factor))];
    return { width: whole, height: tall, window: { x: Math.floor((whole - width) / 2), y: Math.floor((tall - height) / 2), width, height } };
  }
  const box = Math.min(width === undefined ? Infinity : width / w, height === undefined ? Infinity : height / h);
  const factor = fixed && fit === 'max' ? Math.min(box, natural) : box;
  return { width: pixels(w * factor), height: pixels(h * factor) };
}
