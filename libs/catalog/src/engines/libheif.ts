import { z } from 'zod';
import type { EngineDeclaration } from '../declaration';
import { integer } from '../fields';

/** HEIC, the one kind of image from phones that libvips as sharp brings it does not read. */
export const libheif: EngineDeclaration = {
  name: 'libheif',
  pool: 'media',
  group: 'image',
  conversions: [{ from: ['heic', 'heif'], to: ['jpg', 'png'] }],
  options: z.object({
    /** Of a jpg; a png has none. */
    quality: integer(1, 100).optional(),
  }),
};
