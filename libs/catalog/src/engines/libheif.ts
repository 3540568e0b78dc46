import type { EngineDeclaration } from '../declaration';
import { sharp } from './sharp';

/** HEIC, the one kind of image from phones that sharp does not read; what is decoded goes through sharp. Its container says how it is turned, so there is no auto_orient. */
export const libheif: EngineDeclaration = {
  name: 'libheif',
  pool: 'media',
  group: 'image',
  conversions: [{ from: ['heic', 'heif'], to: ['jpg', 'png', 'webp', 'avif', 'tiff', 'gif'] }],
  options: sharp.options.omit({ auto_orient: true }),
};
