import { secret } from '@millrace/contracts';
import { z } from 'zod';
import { Catalog } from '../catalog';
import type { SeenConversions } from '../conversions';
import type { EngineDeclaration } from '../declaration';
import { flag, integer, text } from '../fields';
import { OPERATIONS } from '../operations';

const engine = (name: string, more: Partial<EngineDeclaration>): EngineDeclaration => ({ name, pool: 'document', group: 'document', options: z.object({}), ...more });

/** Engines like the real ones, but few and small, so that what is routed where can be told by heart. */
export const FEW: readonly EngineDeclaration[] = [
  engine('sharp', {
    pool: 'media',
    group: 'image',
    conversions: [{ from: ['jpg', 'png', 'svg', 'webp'], to: ['jpg', 'png', 'webp'] }],
    options: z.object({ width: integer(1, 100).optional(), fit: z.enum(['max', 'crop']).default('max'), strip: flag().default(false), quality: integer(1, 100).optional() }),
  }),
  engine('libheif', { pool: 'media', group: 'image', conversions: [{ from: ['heic'], to: ['jpg', 'png'] }], options: z.object({ quality: integer(1, 100).optional() }) }),
  engine('ffmpeg', {
    pool: 'media',
    group: 'video',
    conversions: [{ from: ['mp4'], to: ['mp3', 'png', 'webp', 'mp4'] }],
    options: z.object({ width: integer(1, 100).optional(), level: z.preprocess(Number, z.number().max(9)).optional() }),
  }),
  engine('libreoffice', {
    aliases: ['office'],
    conversions: [{ from: ['docx', 'txt', 'csv'], to: ['pdf', 'odt', 'txt'] }, { from: ['png', 'jpg'], to: ['pdf'], group: 'image' }],
    options: z.object({ pages: text(9).optional(), password: secret(text(20)).optional(), bookmarks: flag().default(false), level: text(9).optional() }),
  }),
  engine('poppler', {
    conversions: [{ from: ['pdf'], to: ['png', 'jpg', 'txt'] }],
    options: z.object({ pages: text(9).optional(), width: integer(1, 5000).optional(), quality: integer(1, 100).optional(), password: secret(text(20)).optional() }),
  }),
  engine('other', { conversions: [{ from: ['docx'], to: ['pdf'] }], options: z.object({ token: secret(text(20)).optional() }) }),
  engine('qpdf', {}),
  engine('exiftool', { pool: 'media' }),
  engine('archivetool', {}),
  engine('import-url', { pool: 'import' }),
  engine('export-url', { pool: 'export' }),
  engine('export-upload', { pool: 'export' }),
];

/** The operations of this build over `FEW`. */
export const few = (seen: SeenConversions = {}): Catalog => new Catalog(OPERATIONS, FEW, 1000, seen);
