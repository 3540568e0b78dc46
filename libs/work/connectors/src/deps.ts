import type { SafeFetch } from '@millrace/safe-fetch';

/** What the connectors of one service share. */
export interface ExportDeps {
  /** The only way out to an address that a customer named. */
  readonly safeFetch: SafeFetch;
  /** Milliseconds before each further attempt; tests shorten them. */
  readonly retryWaitsMs?: readonly number[];
}

export interface ImportDeps extends ExportDeps {
  /** Bytes of one imported file; more is LIMIT_EXCEEDED. */
  readonly maxImportBytes: number;
}
