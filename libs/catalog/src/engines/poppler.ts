import { secret } from '@millrace/contracts';
import { z } from 'zod';
import type { EngineDeclaration } from '../declaration';
import { integer, text } from '../fields';

/** "1-3,5": pages and ranges, counted from 1. */
const PAGES = /^\s*[1-9]\d{0,5}(\s*-\s*[1-9]\d{0,5})?(\s*,\s*[1-9]\d{0,5}(\s*-\s*[1-9]\d{0,5})?)*\s*$/;

/** The standard security handlers know no longer one (ISO 32000-2 §7.6.4.3.3), and longer ones have been the end of PDF readers. */
const PASSWORD_BYTES = 127;

/** Longest side of a picture, pixels. */
const MAX_SIDE = 20_000;

const password = () => text(PASSWORD_BYTES).refine((value) => new TextEncoder().encode(value).length <= PASSWORD_BYTES && !/\p{Cc}/u.test(value));

/**
 * Shows the pages of a PDF: pictures (one a page), drawings (one a page) or text. No option has a default here: for text and drawings
 * some of them mean nothing, and the engine refuses those that were given.
 */
export const poppler: EngineDeclaration = {
  name: 'poppler',
  pool: 'document',
  group: 'document',
  conversions: [{ from: ['pdf'], to: ['png', 'jpg', 'tiff', 'svg', 'txt'] }],
  options: z.object({
    pages: text(1000).regex(PAGES).optional(),
    pixel_density: integer(10, 1200).optional(),
    width: integer(1, MAX_SIDE).optional(),
    height: integer(1, MAX_SIDE).optional(),
    fit: z.enum(['max', 'crop', 'scale']).optional(),
    quality: integer(1, 100).optional(),
    password: secret(password()).optional(),
  }),
};
