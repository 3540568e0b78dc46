import { z } from 'zod';
import type { EngineDeclaration } from '../declaration';
import { flag, integer } from '../fields';

/** Longest side that libvips writes as WebP, pixels; the other formats take as much. */
const MAX_SIDE = 16_383;

export const sharp: EngineDeclaration = {
  name: 'sharp',
  pool: 'media',
  group: 'image',
  conversions: [{ from: ['jpg', 'png', 'webp', 'avif', 'tiff', 'gif', 'svg'], to: ['jpg', 'png', 'webp', 'avif', 'tiff', 'gif'] }],
  options: z.object({
    width: integer(1, MAX_SIDE).optional(),
    height: integer(1, MAX_SIDE).optional(),
    fit: z.enum(['max', 'crop', 'scale']).default('max'),
    /** jpg, webp, avif: as their encoders count. tiff: JPEG inside, lossless without. png: below 100 a palette of as many colours as it takes. gif has none. */
    quality: integer(1, 100).optional(),
    strip: flag().default(false),
    auto_orient: flag().default(true),
    /** Dots per inch: how large an svg is drawn (72 is one pixel a unit), and what a jpg, png or tiff says of itself. */
    pixel_density: integer(1, 1200).optional(),
  }),
};
