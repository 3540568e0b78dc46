import type { EngineFactory } from '@millrace/engine-kit';
import { archivetoolEngine } from './archivetool';
import type { EngineDeps } from './deps';
import { exiftoolEngine } from './exiftool';
import { faultEngine } from './fault';
import { ffmpegEngine } from './ffmpeg';
import { libheifEngine } from './libheif';
import { libreofficeEngine } from './libreoffice';
import { popplerEngine } from './poppler';
import { qpdfEngine } from './qpdf';
import { sharpEngine } from './sharp';

export type { EngineDeps } from './deps';
export { faultEngine, ffmpegEngine, sharpEngine };

/** Engines of the media pool: audio, video, images. */
export const mediaEngines: readonly EngineFactory<EngineDeps>[] = [sharpEngine, ffmpegEngine, libheifEngine, exiftoolEngine];

/** Engines of the document pool. */
export const documentEngines: readonly EngineFactory<EngineDeps>[] = [libreofficeEngine, popplerEngine, qpdfEngine, archivetoolEngine, exiftoolEngine];

/** The fault engines of a pool: `fault`, which every pool hosts, and one of its own. For tests and chaos runs; a pool adds them only when they are enabled. */
export function faultEngines(pool: 'media' | 'document'): readonly EngineFactory<EngineDeps>[] {
  return [faultEngine('fault'), faultEngine(`fault-${pool}`)];
}
