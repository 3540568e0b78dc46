/** Accounts and their API keys. A key itself is stored nowhere: only its SHA-256 and the prefix that its owner knows it by. */
export const up = `
create table accounts (
  id integer generated always as identity (start with 1000) primary key,
  username text not null,
  email text not null,
  created_at timestamptz not null default clock_timestamp()
);
create unique index accounts_by_email on accounts (lower(email));

create table api_keys (
  id uuid primary key,
  account integer not null references accounts (id),
  name text not null,
  prefix text not null,
  hash text not null unique,
  scopes text[] not null,
  created_at timestamptz not null default clock_timestamp(),
  revoked_at timestamptz,
  last_used_at timestamptz
);
create index api_keys_by_account on api_keys (account);
create index api_keys_by_prefix on api_keys (prefix);
`;
