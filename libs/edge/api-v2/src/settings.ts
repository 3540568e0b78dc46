import type { BodyLimits } from './http/json-body';

/** What the API needs to know of its installation. */
export interface ApiSettings {
  /** Shown in resources and part of the lanes of work. */
  readonly region: string;
  /** 32 bytes: wraps the keys that seal secrets. */
  readonly masterKey: Uint8Array;
  /** Offers the `fault` operations, for tests. */
  readonly faultEngine: boolean;
  readonly limits: BodyLimits & {
    /** Tasks of one job, at most; never more than the 500 of contracts. */
    readonly tasksPerJob: number;
  };
}
