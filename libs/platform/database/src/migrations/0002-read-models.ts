/** Read models, timers, references, webhook deliveries: everything that changes in the transaction of an append. */
export const up = `
create table jobs (
  id uuid primary key,
  account integer not null,
  kind text not null,
  api_key uuid,
  tag text,
  status text not null,
  region text not null,
  priority integer not null,
  webhook_url text,
  retry_of_job uuid,
  trace text,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz
);
create index jobs_by_account on jobs (account, created_at desc);

create table tasks (
  id uuid primary key,
  stream uuid not null,
  account integer not null,
  kind text not null,
  ordinal integer not null,
  name text,
  operation text not null,
  phase text not null,
  status text not null,
  step integer not null,
  attempt integer not null,
  losses integer not null,
  region text not null,
  priority integer not null,
  engine text,
  version text,
  engine_version text,
  run uuid,
  queued_at timestamptz,
  not_before timestamptz,
  code text,
  message text,
  retry_of uuid,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  view jsonb not null
);
create index tasks_by_stream on tasks (stream, ordinal);
create index tasks_queued on tasks (region, engine, version, queued_at) where phase = 'queued';

-- When a queued task was shown to the workers last. Lost in a crash: then everything is shown again.
create unlogged table task_invitations (
  task uuid not null,
  step integer not null,
  attempt integer not null,
  losses integer not null,
  invited_at timestamptz not null,
  primary key (task)
);

create unlogged table task_progress (
  task uuid primary key,
  run uuid not null,
  percent integer not null
);

create table job_timers (
  stream uuid not null,
  kind text not null,
  task text not null,
  run text not null,
  due_at timestamptz not null,
  primary key (stream, kind, task, run)
);
create index job_timers_due on job_timers (due_at);
create index job_timers_foreign on job_timers (task) where kind = 'foreign';

create table blobs (
  blob text primary key,
  released_at timestamptz
);
create index blobs_released on blobs (released_at) where released_at is not null;

create table blob_references (
  blob text not null,
  stream uuid not null,
  task text not null,
  role text not null,
  primary key (blob, stream, task, role)
);
create index blob_references_by_stream on blob_references (stream);

create table job_keys (
  stream uuid primary key,
  wrapped_key text not null
);

create table idempotency_keys (
  account integer not null,
  key text not null,
  body_hash text not null,
  job uuid not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (account, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

create table webhook_deliveries (
  id uuid primary key,
  stream uuid not null,
  account integer not null,
  event text not null,
  url text not null,
  body text not null,
  trace text,
  state text not null default 'pending',
  attempts integer not null default 0,
  last_status integer,
  last_error text,
  created_at timestamptz not null default clock_timestamp(),
  due_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz
);
create index webhook_deliveries_due on webhook_deliveries (due_at) where state = 'pending';

create table pools (
  worker text not null,
  region text not null,
  pool text not null,
  engine text not null,
  version text not null,
  slots integer not null,
  free integer not null,
  heard_at timestamptz not null,
  primary key (worker, engine, version)
);

-- How long an engine that tasks wait for was heard of by nobody, counted only while the counter was connected.
create table engine_silence (
  engine text primary key,
  silent_ms bigint not null
);

create table relay_marks (
  name text primary key,
  position bigint not null,
  last_sequence bigint not null,
  stream_created_at text not null,
  epoch text not null
);
`;
