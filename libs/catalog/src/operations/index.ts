import type { OperationDeclaration } from '../declaration';
import { archive } from './archive';
import { convert } from './convert';
import { exportUpload } from './export-upload';
import { exportUrl } from './export-url';
import { importBase64, importRaw } from './import-content';
import { importUpload } from './import-upload';
import { importUrl } from './import-url';
import { merge } from './merge';
import { metadata } from './metadata';
import { thumbnail } from './thumbnail';

/** Every operation, one line each. */
export const OPERATIONS: readonly OperationDeclaration[] = [
  importUrl,
  importUpload,
  importBase64,
  importRaw,
  convert,
  thumbnail,
  metadata,
  merge,
  archive,
  exportUrl,
  exportUpload,
];
