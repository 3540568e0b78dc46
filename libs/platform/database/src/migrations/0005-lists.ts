/** Lists of jobs and tasks: one index for each filter that may leave few rows of many, in the order of the pages. */
export const up = `
drop index jobs_by_account;
create index jobs_listed on jobs (account, created_at desc, id desc) where kind = 'job';
create index jobs_listed_by_status on jobs (account, status, created_at desc, id desc) where kind = 'job';
create index jobs_listed_by_tag on jobs (account, tag, created_at desc, id desc) where kind = 'job' and tag is not null;
create index jobs_listed_by_key on jobs (account, api_key, created_at desc, id desc) where kind = 'job';

create index tasks_listed on tasks (account, created_at desc, stream desc, ordinal);
create index tasks_listed_by_status on tasks (account, status, created_at desc, stream desc, ordinal);
create index tasks_listed_by_operation on tasks (account, operation, created_at desc, stream desc, ordinal);
create index tasks_by_retried on tasks (retry_of) where retry_of is not null;
`;
