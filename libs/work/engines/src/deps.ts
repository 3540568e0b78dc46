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
}
