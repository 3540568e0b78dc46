import { z } from 'zod';
import type { EngineDeclaration } from '../declaration';
import { flag, integer } from '../fields';

/** Longest side that libvips writes as JPEG and WebP, pixels. */
const MAX_SIDE = 16_383;

export const sharp: EngineDeclaration = {
  name: 'sharp',
  pool: 'media',
  group: 'image',
  conversions: [{ from: ['jpg', 'png', 'webp', 'svg'], to: ['jpg', 'png', 'webp'] }],
  options: z.object({
    width: integer(1, MAX_SIDE).optional(),
    height: integer(1, MAX_SIDE).optional(),
    fit: z.enum(['max', 'crop', 'scale']).default('max'),
    quality: integer(1, 100).optional(),
    strip: flag().default(false),
    auto_orient: flag().default(true),
  }),
};
