import { ANY_VERSION } from '@millrace/contracts';
import type { OrchestrationStore } from '@millrace/job-store';

/** The versions of each engine that some pool hosts, the newest first, by engine. */
export type LiveEngines = ReadonlyMap<string, readonly string[]>;

/** A pool that said nothing for so long hosts nothing. */
const HEARD_MS = 30_000;
/** So old may the answer be. */
const FRESH_MS = 2_000;

const byNumbers = new Intl.Collator('en', { numeric: true });

/** What the pools host now, asked once for all requests of two seconds. */
export class LiveEngineView {
  private known: { readonly at: number; readonly engines: Promise<LiveEngines> } | undefined;

  constructor(
    private readonly store: Pick<OrchestrationStore, 'liveLanes'>,
    private readonly now: () => number,
  ) {}

  /** The same object while nothing was asked anew. Throws SERVICE_UNAVAILABLE when the database is away. */
  engines(): Promise<LiveEngines> {
    if (this.known && this.now() - this.known.at < FRESH_MS) return this.known.engines;
    const engines = this.ask();
    const asked = { at: this.now(), engines };
    this.known = asked;
    // A failure is not kept: the next request asks again.
    engines.catch(() => {
      if (this.known === asked) this.known = undefined;
    });
    return engines;
  }

  private async ask(): Promise<LiveEngines> {
    const found = new Map<string, Set<string>>();
    for (const { engine, version } of await this.store.liveLanes(HEARD_MS)) {
      if (version !== ANY_VERSION) found.set(engine, (found.get(engine) ?? new Set()).add(version));
    }
    return new Map([...found].map(([engine, versions]) => [engine, [...versions].sort((a, b) => byNumbers.compare(b, a))]));
  }
}
