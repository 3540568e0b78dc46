/** An event before it is stored. */
export interface NewEvent {
  readonly eventId: string;
  readonly type: string;
  readonly schemaVersion: number;
  /** The one event that ends the stream. */
  readonly terminal?: boolean;
  readonly data: unknown;
  readonly meta: Record<string, unknown>;
}

/** An event of the log. Positions grow over all streams, with gaps; versions are contiguous in one stream. */
export interface StoredEvent extends NewEvent {
  readonly position: number;
  readonly stream: string;
  readonly version: number;
  readonly inputId: string | null;
  readonly at: Date;
}

/** The row of `job_events` as the driver gives it. */
export interface EventRow {
  position: number;
  stream: string;
  version: number;
  event_id: string;
  input_id: string | null;
  type: string;
  schema_version: number;
  terminal: boolean;
  data: unknown;
  meta: Record<string, unknown>;
  at: Date;
}

/** Brings data of an older schema version to the next one, by event type and old version. */
export type Upcasters = Readonly<Record<string, Readonly<Record<number, (data: unknown) => unknown>>>>;

/** A row as an event, brought to its newest schema. */
export function eventOf(row: EventRow, upcasters: Upcasters = {}): StoredEvent {
  let { data, schema_version: schemaVersion } = row;
  for (let upcast = upcasters[row.type]?.[schemaVersion]; upcast; upcast = upcasters[row.type]?.[schemaVersion]) {
    data = upcast(data);
    schemaVersion += 1;
  }
  const { stream, version, type, terminal, meta, at } = row;
  return { position: Number(row.position), stream, version, type, terminal, meta, at, data, schemaVersion, eventId: row.event_id, inputId: row.input_id };
}
