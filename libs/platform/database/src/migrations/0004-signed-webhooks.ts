/** Each account signs its webhooks with a secret of its own, 244 random bits; deliveries know the host they go to, so that a slow one can be passed over. */
export const up = `
alter table accounts add column webhook_secret text not null default replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');

alter table webhook_deliveries add column host text not null
  generated always as (coalesce(regexp_replace(substring(lower(url) from '^https?://([^/?#]*)'), '^.*@', ''), '')) stored;
`;
