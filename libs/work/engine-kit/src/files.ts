/** A file a task works on. */
export interface InputFile {
  /** Its key in the blob store. */
  readonly blob: string;
  /** Where it lies on this machine; absent when the engine declares `fetchInputs: false`. */
  readonly path?: string;
  /** The name its producer gave it; for display and output names only, never a path. */
  readonly filename: string;
  /** Bytes. */
  readonly size: number;
  /** The type its first bytes show, as an extension without a dot; absent when unknown. Decides over the filename. */
  readonly type?: string;
  readonly mime?: string;
  readonly md5?: string;
  readonly sha256?: string;
  /** The id of the task that produced it. */
  readonly task: string;
}

/** An output still on this machine's disk; the runtime probes, hashes and stores it. */
export interface LocalOutput {
  /** Absolute path inside the context's `outDir`; a regular file. */
  readonly path: string;
  /** The name the customer will see. */
  readonly filename: string;
  /** The extension promised for it, without a dot; the runtime probes the bytes and refuses another type. */
  readonly expect?: string;
}

/** An output already in the blob store: what `put` returned, or an input's blob by reference. */
export interface StoredOutput {
  readonly blob: string;
  readonly filename: string;
  /** Bytes. */
  readonly size: number;
  readonly md5?: string;
  readonly sha256?: string;
  /** As in `InputFile`. */
  readonly type?: string;
  readonly mime?: string;
}

/** True for an output that the runtime has yet to store. */
export function isLocalOutput(file: LocalOutput | StoredOutput): file is LocalOutput {
  return 'path' in file;
}
