import type { StepPlan } from '@millrace/contracts';
import type { z } from 'zod';

/** The processes that can host an engine. */
export type Pool = 'media' | 'document' | 'import' | 'export';

/** Every format of `from` to every format of `to`. Extensions, canonical ("jpg", never "jpeg"). */
export interface Conversions {
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** `meta.group` of these entries where it is not the engine's. */
  readonly group?: string;
}

/** What one engine can do. */
export interface EngineDeclaration {
  readonly name: string;
  /** Other names that customers may ask for it by. */
  readonly aliases?: readonly string[];
  readonly pool: Pool;
  /** A second pool that hosts it as well. */
  readonly alsoIn?: Pool;
  /** What it does of the operation `convert`. */
  readonly conversions?: readonly Conversions[];
  /** Its own options, on top of those of the operation. */
  readonly options: z.ZodObject;
  /** `meta.group` of its entries in `/operations`. */
  readonly group: string;
}

/** One operation of the API. */
export interface OperationDeclaration {
  /** As in the URL: "import/url". */
  readonly operation: string;
  readonly kind: 'import' | 'process' | 'export';
  readonly input: 'none' | 'one' | 'many';
  /** True when the operation also runs without an input. */
  readonly inputOptional?: boolean;
  readonly options: z.ZodObject;
  /** Who does it: a worker, or the gateway with content of the request or with an upload. */
  readonly place: 'worker' | 'gateway-content' | 'gateway-upload';
  /** How the bytes of the option `file` are written down, where the request carries them. */
  readonly content?: ContentEncoding;
  readonly group: string;
  /** Chooses the engine whose options join the operation's own. Throws INVALID_DATA or INVALID_CONVERSION_TYPE. */
  choose?(options: Readonly<Record<string, unknown>>, engines: readonly EngineDeclaration[]): EngineDeclaration;
  /** The route of checked options; `engine` is what `choose` answered. */
  steps(options: Readonly<Record<string, unknown>>, engine?: EngineDeclaration): StepPlan[];
}

export type ContentEncoding = 'base64' | 'utf8';

/** Content that came inside a request; never part of the options. */
export interface PlannedContent {
  readonly encoding: ContentEncoding;
  /** As it came; base64 without white space. */
  readonly data: string;
  readonly filename: string;
}

/** A checked task: what to keep, who does it, how long it may take. */
export interface Plan {
  /** Parsed and coerced; nulls, empty strings, fields of the task itself and content are gone. */
  readonly options: Record<string, unknown>;
  readonly steps: StepPlan[];
  /** Names of the options that are present and must be sealed. */
  readonly secretFields: string[];
  readonly timeoutMs: number;
  readonly place: OperationDeclaration['place'];
  readonly input: OperationDeclaration['input'];
  readonly kind: OperationDeclaration['kind'];
  readonly content?: PlannedContent;
}

/** One line of `GET /v2/operations` (contract §8). */
export interface OperationEntry {
  readonly operation: string;
  readonly input_format: string | null;
  readonly output_format: string | null;
  readonly engine: string | null;
  readonly credits: number;
  readonly meta: { readonly group: string };
}
