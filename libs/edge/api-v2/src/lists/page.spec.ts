import { jobListQuery, taskListQuery } from '@millrace/contracts';
import { includeOf } from './include';
import { listBody, readQuery, sliceOf } from './page';

const PATH = 'http://x.test/v2/jobs';
const body = (count: number, more: boolean, asked: Record<string, unknown>) => listBody(Array.from({ length: count }, (_, i) => i), more, readQuery(jobListQuery, asked), PATH, asked);
const errorsOf = (asked: Record<string, unknown>, schema: typeof jobListQuery | typeof taskListQuery = jobListQuery): unknown => {
  try {
    return readQuery(schema as typeof jobListQuery, asked);
  } catch (error) {
    return (error as { errors: unknown }).errors;
  }
};

it('has the envelope of the contract, without totals', () => {
  expect(body(2, false, {})).toEqual({
    data: [0, 1],
    links: { first: `${PATH}?page=1`, last: null, prev: null, next: null },
    meta: { current_page: 1, from: 1, path: PATH, per_page: 100, to: 2 },
  });
  expect(body(0, false, { page: '3' })).toMatchObject({ links: { prev: `${PATH}?page=2`, next: null }, meta: { current_page: 3, from: null, to: null } });
});

it('links keep what was asked for, and leave out what is empty', () => {
  const { links, meta } = body(2, true, { 'filter[status]': 'error', 'filter[tag]': '', per_page: '2', page: '4', include: ['a', 'b'] });
  const rest = 'filter%5Bstatus%5D=error&per_page=2&include=a&include=b';
  expect(links).toEqual({ first: `${PATH}?${rest}&page=1`, last: null, prev: `${PATH}?${rest}&page=3`, next: `${PATH}?${rest}&page=5` });
  expect(meta).toMatchObject({ from: 7, to: 8, per_page: 2 });
});

it('reads one row more than it shows', () => {
  expect(sliceOf({ page: 3, per_page: 20 })).toEqual({ limit: 21, offset: 40 });
});

it('takes the empty for absent, the last of the repeated, and ignores the unknown', () => {
  const empty = { 'filter[status]': '', 'filter[tag]': '', include: '', per_page: '', page: '', other: 'x' };
  expect(readQuery(jobListQuery, empty)).toEqual({ per_page: 100, page: 1 });
  expect(readQuery(taskListQuery, { 'filter[status]': ['error', 'waiting'], 'filter[operation]': 'convert' })).toMatchObject({ 'filter[status]': 'waiting', 'filter[operation]': 'convert' });
});

it('names the parameter and what it may be', () => {
  expect(errorsOf({ 'filter[status]': 'done', per_page: '1001', page: '0' })).toEqual({
    'filter[status]': ['The selected filter[status] is invalid. Valid values: waiting, processing, finished, error.'],
    per_page: ['The per_page may not be greater than 1000.'],
    page: ['The page must be at least 1.'],
  });
  for (const per_page of ['ten', '-1', '1.5', '1e2', ' 1', {}]) expect(errorsOf({ per_page })).toEqual({ per_page: ['The per_page must be a whole number from 1 to 1000.'] });
  expect(errorsOf({ 'filter[tag]': 'a\0' })).toEqual({ 'filter[tag]': [expect.any(String)] });
  expect(errorsOf({ 'filter[job_id]': {} }, taskListQuery)).toEqual({ 'filter[job_id]': [expect.any(String)] });
});

it.each([
  [{}, []],
  [{ include: '' }, []],
  [{ include: 'retries, job,,System.String[]' }, ['retries', 'job', 'System.String[]']],
  [{ include: ['a', 'b,c'] }, ['a', 'b', 'c']],
  [{ 'include[]': 'a', 'include[1]': 'b', included: 'c' }, ['a', 'b']],
  [{ include: { a: 1 } }, []],
])('reads %j', (query, names) => {
  expect([...includeOf(query)]).toEqual(names);
});
