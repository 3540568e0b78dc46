import { secret } from '@millrace/contracts';
import { z } from 'zod';
import type { EngineDeclaration } from '../declaration';
import { flag, text } from '../fields';

/** "1-3,5": pages and ranges, counted from 1. */
const PAGES = /^\s*[1-9]\d{0,5}(\s*-\s*[1-9]\d{0,5})?(\s*,\s*[1-9]\d{0,5}(\s*-\s*[1-9]\d{0,5})?)*\s*$/;

/**
 * Office documents, to pdf and to each other within their kind; pictures to pdf. `pages`, `bookmarks`, `optimize_print` and
 * `include_markup` shape a pdf only, so they have no default here: the engine refuses those that were given for another format.
 */
export const libreoffice: EngineDeclaration = {
  name: 'libreoffice',
  aliases: ['office'],
  pool: 'document',
  group: 'document',
  conversions: [
    { from: ['docx', 'docm', 'dotx', 'doc', 'odt', 'fodt', 'rtf', 'txt', 'html'], to: ['pdf', 'docx', 'doc', 'odt', 'rtf', 'txt', 'html'] },
    { from: ['xlsx', 'xlsm', 'xls', 'ods', 'fods', 'csv'], to: ['pdf', 'xlsx', 'xls', 'ods', 'csv', 'html'], group: 'spreadsheet' },
    { from: ['pptx', 'pptm', 'ppsx', 'ppt', 'odp', 'fodp'], to: ['pdf', 'pptx', 'ppt', 'odp'], group: 'presentation' },
    { from: ['odg', 'fodg'], to: ['pdf'], group: 'vector' },
    // Other pictures come as png from the image engines: the office neither turns them as their metadata asks, nor shows more than one page of a tiff.
    { from: ['png', 'bmp'], to: ['pdf'], group: 'image' },
  ],
  options: z.object({
    pages: text(1000).regex(PAGES).optional(),
    bookmarks: flag().optional(),
    optimize_print: flag().optional(),
    include_markup: flag().optional(),
    /** Opens a protected document. */
    password: secret(text(255)).optional(),
  }),
};
