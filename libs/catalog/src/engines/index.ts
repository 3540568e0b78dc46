import type { EngineDeclaration } from '../declaration';
import { archivetool } from './archivetool';
import { exiftool } from './exiftool';
import { ffmpeg } from './ffmpeg';
import { libheif } from './libheif';
import { libreoffice } from './libreoffice';
import { poppler } from './poppler';
import { qpdf } from './qpdf';
import { sharp } from './sharp';
import { exportUploadEngine, exportUrlEngine, importUrlEngine } from './transfer';

/** Every engine, one line each. Where several can do a conversion, the first is the default. */
export const ENGINES: readonly EngineDeclaration[] = [
  sharp,
  libheif,
  ffmpeg,
  exiftool,
  libreoffice,
  poppler,
  qpdf,
  archivetool,
  importUrlEngine,
  exportUrlEngine,
  exportUploadEngine,
];
