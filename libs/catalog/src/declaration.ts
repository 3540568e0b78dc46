import type { StepPlan } from '@millrace/contracts';
import type { z } from 'zod';
import type { ConversionTable } from './conversion-table';

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
  /** What is wrong with checked options that each are right: a sentence per field. */
  readonly conflicts?: (options: Options) => Readonly<Record<string, string>>;
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
  /** Fewer tasks than this cannot be its input; 1 where it is not set. A task counts once, however many files it gives. */
  readonly fewestInputs?: number;
  readonly options: z.ZodObject;
  /** True when the options of the engines that do it are options of the task too. */
  readonly takesEngineOptions?: boolean;
  /** Who does it: a worker, or the gateway with content of the request or with an upload. */
  readonly place: 'worker' | 'gateway-content' | 'gateway-upload';
  /** How the bytes of the option `file` are written down, where the request carries them. */
  readonly content?: ContentEncoding;
  readonly group: string;
  /** Who does it, where that is always the same; the option `engine_version`, where there is one, is that of each step. */
  readonly steps?: readonly StepPlan[];
  /** What such an operation makes, where that is to be chosen. */
  readonly outputs?: readonly (string | null)[];
  /** Who does it, where that depends on options and on the formats of the inputs. */
  readonly routing?: Routing;
}

/** How an operation finds its engines. */
export interface Routing {
  /**
   * Every way to do it, the preferred first: for files of these formats, or, where they are not known yet, for any.
   * `options` need not be checked; throws INVALID_DATA when those that choose are wrong.
   */
  ways(options: Options, table: ConversionTable, formats?: readonly string[]): Way[];
  /** What to tell the owner of a file of a format that no way takes. */
  refusal(options: Options, table: ConversionTable, format: string): string;
  /** What `GET /v2/operations` lists. */
  offers(table: ConversionTable): Offer[];
}

export type Options = Readonly<Record<string, unknown>>;

/** One way to do an operation: its engines in the order of the steps. */
export interface Way {
  readonly engines: readonly EngineDeclaration[];
  /** The steps for checked options. */
  steps(options: Options): StepPlan[];
}

/** One thing that an operation can do. */
export interface Offer {
  readonly input: string | null;
  readonly output: string | null;
  /** Every engine that takes part; the first is the one that customers may ask for. */
  readonly engines: readonly EngineDeclaration[];
  readonly group: string;
  /** True when an engine that does the same comes before. */
  readonly alternative: boolean;
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

/** One thing on offer, with what `GET /v2/operations` shows of it (contract §8). */
export interface OperationEntry {
  readonly operation: string;
  readonly input_format: string | null;
  readonly output_format: string | null;
  readonly engine: string | null;
  readonly credits: number;
  readonly meta: { readonly group: string };
  /** Every engine that has to be there; none where the gateway does it. */
  readonly needs: readonly string[];
  /** True when another engine is the default. */
  readonly alternative: boolean;
  /** What can be asked for beside the formats, the engine and the name of the result. Entries that are done alike share it. */
  readonly options: readonly DescribedOption[];
}

/** An option as `GET /v2/operations` describes it (contract §8). */
export interface DescribedOption {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'integer' | 'float' | 'enum' | 'dictionary';
  readonly default: string | number | boolean | null;
  /** Of an enum. */
  readonly possible_values: readonly string[] | null;
}
