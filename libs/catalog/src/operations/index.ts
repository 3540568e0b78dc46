import type { OperationDeclaration } from '../declaration';
import { convert } from './convert';
import { exportUrl } from './export-url';
import { importBase64, importRaw } from './import-content';
import { importUpload } from './import-upload';
import { importUrl } from './import-url';

/** Every operation, one line each. */
export const OPERATIONS: readonly OperationDeclaration[] = [
  importUrl,
  importUpload,
  importBase64,
  importRaw,
  convert,
  exportUrl,
];
