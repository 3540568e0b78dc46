import type { TaskContext } from './context';
import type { LocalOutput, StoredOutput } from './files';

/** What one run of an engine produced. */
export interface EngineResult {
  readonly files: readonly (LocalOutput | StoredOutput)[];
  /** Facts about the input, for operations that answer facts instead of files. */
  readonly metadata?: Readonly<Record<string, string | number | boolean | null>>;
  /** What the program printed, where the operation shows it to the customer. */
  readonly output?: string;
  /** A sentence for the customer that goes with a success. */
  readonly message?: string;
}

/**
 * Does the work of tasks of one kind.
 * A connector (import or export of a storage) is an engine with `fetchInputs: false` that moves bytes itself, with `put`.
 */
export interface Engine {
  /** As declared in the catalog. */
  readonly name: string;
  /** The version really installed, as the pool announces it. */
  readonly version: string;
  /** True when the runtime is to put the inputs on disk before `run`. */
  readonly fetchInputs: boolean;
  /**
   * Runs one task. Resolves or rejects only once everything it started is gone.
   * @throws Failure with the code that classes the outcome; any other error counts as INTERNAL_ERROR.
   */
  run(ctx: TaskContext): Promise<EngineResult>;
  /** Ends what the engine keeps running between tasks. Called once, at the end of its process, when no run is left. */
  close?(): Promise<void>;
}

/** Makes an engine at the start of its process. */
export interface EngineFactory<Deps = unknown> {
  /** The name of the engine it makes. */
  readonly name: string;
  /**
   * The version of the program that is installed, found without starting anything that stays; engines that are our own code have none.
   * @throws Failure ENGINE_UNAVAILABLE as `create`.
   */
  version?(deps: Deps): Promise<string>;
  /** @throws Failure ENGINE_UNAVAILABLE when the engine's program is missing or does not run. */
  create(deps: Deps): Promise<Engine>;
}
