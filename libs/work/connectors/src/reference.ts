import type { InputFile, StoredOutput } from '@millrace/engine-kit';

/** An input named as an output: nothing is copied. */
export const byReference = ({ blob, filename, size, md5, sha256, type, mime }: InputFile): StoredOutput => ({ blob, filename, size, md5, sha256, type, mime });
