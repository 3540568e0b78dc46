import type { Catalog, OperationEntry } from '@millrace/catalog';
import type { LiveEngines } from './live-engines';
import type { ListingQuery } from './listing-query';

/** One entry with the parts of its JSON, written once: the whole list is megabytes long, and anybody may ask for it. */
interface Line {
  readonly entry: OperationEntry;
  /** Without the closing brace. */
  readonly head: string;
  readonly options: string;
}

/** JSON of `engine_versions`; the newest is what is used where no version is asked for. */
function versionsJson(versions: readonly string[]): string {
  return JSON.stringify(versions.map((version, i) => ({ version, default: i === 0, latest: i === 0, deprecated: false, experimental: false })));
}

/** What this installation can do, as `GET /v2/operations` lists it. */
export class OperationListing {
  private readonly lines: readonly Line[];
  private readonly written = new WeakMap<LiveEngines, Map<string, string>>();

  constructor(private readonly catalog: Pick<Catalog, 'entries' | 'engineNamed'>) {
    const options = new Map<OperationEntry['options'], string>();
    this.lines = catalog.entries().map((entry) => {
      const { operation, input_format, output_format, engine, credits, meta } = entry;
      const described = options.get(entry.options) ?? JSON.stringify(entry.options);
      options.set(entry.options, described);
      return { entry, head: JSON.stringify({ operation, input_format, output_format, engine, credits, meta }).slice(0, -1), options: described };
    });
  }

  /** The whole body of the answer: what is asked for and done by engines that are there, all of them where there are several steps. */
  body(query: ListingQuery, live: LiveEngines): string {
    const engine = query.engine === undefined ? undefined : (this.catalog.engineNamed(query.engine)?.name ?? query.engine);
    const shown = this.lines.filter(({ entry }) => isAsked(entry, query, engine, live) && entry.needs.every((name) => live.has(name)));
    return `{"data":[${shown.map((line) => this.json(line, query, live)).join(',')}]}`;
  }

  private json({ entry, head, options }: Line, query: ListingQuery, live: LiveEngines): string {
    const versions = query.versions ? `,"engine_versions":${this.versions(entry.engine, live)}` : '';
    return `${head}${query.options ? `,"options":${options}` : ''}${versions}}`;
  }

  private versions(engine: string | null, live: LiveEngines): string {
    if (engine === null) return '[]';
    const written = this.written.get(live) ?? new Map<string, string>();
    this.written.set(live, written);
    const json = written.get(engine) ?? versionsJson(live.get(engine) ?? []);
    written.set(engine, json);
    return json;
  }
}

function isAsked(entry: OperationEntry, query: ListingQuery, engine: string | undefined, live: LiveEngines): boolean {
  const { operation, input, output, version, alternatives } = query;
  return (
    (alternatives || !entry.alternative) &&
    (operation === undefined || operation === entry.operation) &&
    (input === undefined || input === entry.input_format) &&
    (output === undefined || output === entry.output_format) &&
    (engine === undefined || engine === entry.engine) &&
    (version === undefined || (entry.engine !== null && (live.get(entry.engine) ?? []).includes(version)))
  );
}
