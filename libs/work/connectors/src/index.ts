import type { EngineFactory } from '@millrace/engine-kit';
import type { ExportDeps, ImportDeps } from './deps';
import { exportUpload } from './upload';
import { exportUrl, importUrl } from './url';

export type { ExportDeps, ImportDeps } from './deps';

/** One line per storage that files come from. */
export const importConnectors: readonly EngineFactory<ImportDeps>[] = [importUrl];

/** One line per storage that files go to. */
export const exportConnectors: readonly EngineFactory<ExportDeps>[] = [exportUrl, exportUpload];
