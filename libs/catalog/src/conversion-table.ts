import { isProven, type Pair, pairsOf, type SeenConversions } from './conversions';
import type { EngineDeclaration } from './declaration';

/** One engine's part of a route: everything it takes to the same format. */
export interface Leg {
  readonly engine: EngineDeclaration;
  readonly to: string;
}

/** A way from some formats to another: one engine, or several by way of other formats. */
export interface ConversionRoute {
  readonly legs: readonly Leg[];
  /** What it begins with, each with the `meta.group` of its first conversion. */
  readonly from: ReadonlyMap<string, string>;
}

/** Formats on the way, tried in this order. Pages become pictures by way of pdf, pictures that few engines read or write by way of png. */
const BETWEEN = ['pdf', 'png'];

/** The conversions on offer: what engines declare and, where that was tried, what was seen to work; a route is on offer with all its legs. */
export class ConversionTable {
  private readonly tables: ReadonlyMap<EngineDeclaration, readonly Pair[]>;
  private readonly routes = new Map<string, readonly ConversionRoute[]>();

  constructor(
    readonly engines: readonly EngineDeclaration[],
    seen: SeenConversions,
  ) {
    this.tables = new Map(engines.map((engine) => [engine, pairsOf(engine).filter(({ from, to }) => isProven(seen, engine.name, from, to))]));
  }

  engine(name: string): EngineDeclaration | undefined {
    return this.engines.find((engine) => engine.name === name);
  }

  pairs(engine: EngineDeclaration): readonly Pair[] {
    return this.tables.get(engine) ?? [];
  }

  /** What `engine` takes to `to`, each with its group. */
  sources(engine: EngineDeclaration | undefined, to: string): ReadonlyMap<string, string> {
    return new Map(engine ? this.pairs(engine).flatMap((pair) => (pair.to === to ? [[pair.from, pair.group]] : [])) : []);
  }

  /** Every format that something is converted to. */
  targets(): string[] {
    const direct = new Set(this.engines.flatMap((engine) => this.pairs(engine).map(({ to }) => to)));
    return [...direct].sort();
  }

  /** Every route to `to`, the preferred first. Longer ones begin only where no shorter one does. */
  routesTo(to: string): readonly ConversionRoute[] {
    const known = this.routes.get(to);
    if (known) return known;
    const found = this.findRoutes(to);
    // What customers ask for that nobody makes is not kept: there is no end to it.
    if (found.length > 0) this.routes.set(to, found);
    return found;
  }

  private findRoutes(to: string): ConversionRoute[] {
    let routes = this.direct(to);
    for (let legs = 2; legs <= BETWEEN.length + 1; legs += 1) {
      const covered = new Set([...routes.flatMap(({ from }) => [...from.keys()]), to]);
      routes = [...routes, ...this.longer(to, legs, covered)];
    }
    return routes;
  }

  private direct(to: string): ConversionRoute[] {
    return this.engines.map((engine) => ({ legs: [{ engine, to }], from: this.sources(engine, to) })).filter(({ from }) => from.size > 0);
  }

  /** Routes of so many legs from formats that are not `covered`. */
  private longer(to: string, legs: number, covered: ReadonlySet<string>): ConversionRoute[] {
    return BETWEEN.filter((between) => between !== to).flatMap((between) =>
      this.routesFrom(between, to, legs - 1).flatMap((rest) =>
        this.direct(between).flatMap((first): ConversionRoute[] => {
          const engine = first.legs[0]!.engine;
          if (rest.some((leg) => leg.engine === engine)) return [];
          const from = [...first.from].filter(([format, group]) => format !== between && !covered.has(format) && mayPass(format, group, between));
          return from.length > 0 ? [{ legs: [first.legs[0]!, ...rest], from: new Map(from) }] : [];
        }),
      ),
    );
  }

  /** The ways from one format to another that have so many legs. */
  private routesFrom(format: string, to: string, legs: number): Leg[][] {
    const direct = this.direct(to).filter(({ from }) => from.has(format));
    if (legs === 1) return direct.map((route) => [...route.legs]);
    if (direct.length > 0 || format === 'png') return [];
    return this.longer(to, legs, new Set()).filter(({ from }) => from.has(format)).map((route) => [...route.legs]);
  }
}

/** Documents go by way of pages, pictures by way of pictures: a film's first picture does not stand for it in a pdf, and a pdf of a picture has no text. */
const mayPass = (format: string, group: string, between: string): boolean => (group === 'image' ? between === 'png' : between === 'pdf' || format === 'pdf');
