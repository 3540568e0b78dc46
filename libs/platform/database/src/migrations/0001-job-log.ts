/** The job log: streams with their version, events with their position, and who leads what. */
export const up = `
create table job_streams (
  stream uuid primary key,
  version integer not null,
  account integer not null,
  created_at timestamptz not null default clock_timestamp()
);

create table job_events (
  -- Cache 1: with a larger cache positions would no longer grow with time over all connections.
  position bigint generated always as identity (cache 1) primary key,
  stream uuid not null references job_streams,
  version integer not null,
  event_id uuid not null unique,
  input_id text,
  type text not null,
  schema_version integer not null,
  terminal boolean not null,
  data jsonb not null,
  meta jsonb not null,
  at timestamptz not null default clock_timestamp(),
  unique (stream, version),
  unique (stream, input_id)
);
create unique index job_events_terminal on job_events (stream) where terminal;

create table leaders (
  name text primary key,
  token uuid not null,
  holder text not null,
  expires_at timestamptz not null
);
`;
