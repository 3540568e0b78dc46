import { Failure } from '@millrace/failures';
import { ConversionTable } from './conversion-table';
import { answersTo, type Pair, type SeenConversions } from './conversions';
import type { EngineDeclaration, OperationDeclaration, OperationEntry, Plan, Pool } from './declaration';
import { ENGINES } from './engines';
import { faultEngines } from './engines/fault';
import { entriesOf } from './entries';
import { OPERATIONS } from './operations';
import { faultOperations } from './operations/fault';
import { planTask } from './plan';
import { type Route, type RouteRequest, routeTask } from './route';
import seenConversions from './seen-conversions.json';

export interface CatalogSettings {
  /** Offers the `fault` operations, for tests. */
  readonly faultEngine: boolean;
  /** For tasks that name no timeout; contract §4.3: 5 h. */
  readonly defaultTimeoutMs?: number;
  /** Offers also conversions that were tried and did not work: for whoever tries them. */
  readonly unproven?: boolean;
}

const FIVE_HOURS_MS = 5 * 60 * 60 * 1000;

/** What can be done, and how. Pure: no network, no clock, no knowledge of who is alive. */
export class Catalog {
  private readonly byName: ReadonlyMap<string, OperationDeclaration>;
  private readonly table: ConversionTable;

  /** Throws RangeError when two declarations have one name, or a step names no engine: a fault of the build. */
  constructor(
    private readonly declarations: readonly OperationDeclaration[],
    private readonly engines: readonly EngineDeclaration[],
    private readonly defaultTimeoutMs: number,
    seen: SeenConversions = {},
  ) {
    this.table = new ConversionTable(engines, seen);
    this.byName = new Map(declarations.map((declaration) => [declaration.operation, declaration]));
    if (this.byName.size !== declarations.length) throw new RangeError('two operations have the same name');
    if (new Set(engines.map(({ name }) => name)).size !== engines.length) throw new RangeError('two engines have the same name');
    for (const { operation, steps = [] } of declarations) {
      const stray = steps.find(({ engine }) => !this.engine(engine));
      if (stray) throw new RangeError(`operation ${operation} names the unknown engine ${stray.engine}`);
    }
  }

  has(operation: string): boolean {
    return this.byName.has(operation);
  }

  operations(): readonly OperationDeclaration[] {
    return this.declarations;
  }

  engine(name: string): EngineDeclaration | undefined {
    return this.engines.find((engine) => engine.name === name);
  }

  /** The engine that customers may ask for by `name`. */
  engineNamed(name: string): EngineDeclaration | undefined {
    return this.engines.find((engine) => answersTo(engine, name));
  }

  /** What is on offer of an engine's own conversions; nothing for a name that no engine has. */
  conversionsOf(engine: string): readonly Pair[] {
    const declaration = this.engine(engine);
    return declaration ? this.table.pairs(declaration) : [];
  }

  /** The engines that a pool may host. */
  enginesOf(pool: Pool): readonly EngineDeclaration[] {
    return this.engines.filter((engine) => engine.pool === pool || engine.alsoIn === pool);
  }

  /**
   * Checks one task as it came, with the fields of the task itself (`input`, `timeout`, ...) among its options.
   * Throws INVALID_DATA or INVALID_CONVERSION_TYPE with messages per field; nothing else for any JSON.
   */
  plan(operation: string, raw: Readonly<Record<string, unknown>>): Plan {
    const declaration = this.byName.get(operation);
    if (!declaration) throw new Failure('INVALID_DATA', 'The given data was invalid.', { errors: { operation: ['The selected operation is invalid.'] } });
    return planTask(declaration, raw, this.table, this.defaultTimeoutMs);
  }

  /** The steps of a task whose inputs are there: the planner of the domain. */
  readonly route = (request: RouteRequest): Route => routeTask(this.byName.get(request.operation), request, this.table);

  /** Every operation as `GET /v2/operations` lists it, ordered by group, input and output format. */
  entries(): OperationEntry[] {
    return entriesOf(this.declarations, this.table);
  }
}

/** The catalog of this build. */
export function createCatalog({ faultEngine, defaultTimeoutMs = FIVE_HOURS_MS, unproven = false }: CatalogSettings): Catalog {
  const operations = faultEngine ? [...OPERATIONS, ...faultOperations] : OPERATIONS;
  const engines = faultEngine ? [...ENGINES, ...faultEngines] : ENGINES;
  return new Catalog(operations, engines, defaultTimeoutMs, unproven ? {} : seenConversions);
}
