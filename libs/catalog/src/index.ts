export { Catalog, createCatalog, type CatalogSettings } from './catalog';
export type { ContentEncoding, DescribedOption, EngineDeclaration, OperationDeclaration, OperationEntry, Plan, PlannedContent, Pool } from './declaration';
export { canonicalFormat, formatOf, type JudgedFile } from './formats';
export { AUDIO_CODECS, AUDIO_FORMATS, VIDEO_CODECS, VIDEO_FORMATS, type MediaFormat } from './engines/ffmpeg-formats';
