import type { Sandbox } from '@millrace/sandbox';

/** What a pool gives to the factories of its engines. */
export interface EngineDeps {
  readonly sandbox: Sandbox;
  /** True lets the fault engines be made; they exist for tests and chaos runs only. */
  readonly faultEnabled: boolean;
  /** The node executable that engines written in JavaScript run with, absolute. */
  readonly nodePath: string;
  /** The node_modules folder that holds their packages, absolute. */
  readonly modulesDir: string;
  /** A private folder for what engines keep beyond a run, absolute; the system's temporary folder by default. */
  readonly stateDir?: string;
  /** Runs at a time in this process; one a processor by default. */
  readonly slots?: number;
  readonly log?: EngineLog;
}

/** Tells the operator what happens between tasks. */
export interface EngineLog {
  info(fields: object, msg: string): void;
  warn(fields: object, msg: string): void;
}
