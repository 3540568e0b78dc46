import { z } from 'zod';

/** Items of a page: what is given without `per_page`, and the most that can be asked for (contract §1.5 names no bound). */
export const PER_PAGE = { default: 100, max: 1_000 } as const;
/** The last page that can be asked for. */
export const LAST_PAGE = 1_000_000;

const STATUSES = ['waiting', 'processing', 'finished', 'error'] as const;

/** Text that a column can hold; with anything else nothing could be found. */
const UNSTORABLE = /\u0000|\p{Surrogate}/u;

/** Of a parameter that is repeated the last one counts; an empty one is none (contract §16.7). */
const single = (value: unknown): unknown => {
  const one: unknown = Array.isArray(value) ? value.at(-1) : value;
  return one === '' ? undefined : one;
};

const text = (field: string) => z.preprocess(single, z.string().refine((value) => !UNSTORABLE.test(value), { error: `The ${field} holds characters that no value has.` }).optional());

const whole = (field: string, max: number, byDefault: number) =>
  z.preprocess(
    (value) => {
      const one = single(value);
      return typeof one === 'string' && /^\d{1,9}$/.test(one) ? Number(one) : one;
    },
    z.int({ error: `The ${field} must be a whole number from 1 to ${max}.` }).min(1, { error: `The ${field} must be at least 1.` }).max(max, { error: `The ${field} may not be greater than ${max}.` }).default(byDefault),
  );

const status = z.preprocess(single, z.enum(STATUSES, { error: `The selected filter[status] is invalid. Valid values: ${STATUSES.join(', ')}.` }).optional());

const page = { per_page: whole('per_page', PER_PAGE.max, PER_PAGE.default), page: whole('page', LAST_PAGE, 1) };

/** Query of `GET /v2/jobs`; unknown parameters are ignored. */
export const jobListQuery = z.object({
  'filter[status]': status,
  'filter[tag]': text('filter[tag]'),
  /** Id of the API key that made the job. */
  'filter[access_token]': text('filter[access_token]'),
  ...page,
});
export type JobListQuery = z.infer<typeof jobListQuery>;

/** Query of `GET /v2/tasks`. */
export const taskListQuery = z.object({
  'filter[status]': status,
  'filter[job_id]': text('filter[job_id]'),
  'filter[operation]': text('filter[operation]'),
  ...page,
});
export type TaskListQuery = z.infer<typeof taskListQuery>;

/** A page of a list: no total, so that none has to be counted (contract §1.5). */
export interface ListBody<T> {
  readonly data: readonly T[];
  readonly links: { readonly first: string; readonly last: null; readonly prev: string | null; readonly next: string | null };
  /** `from` and `to` count from 1; null where the page is empty. */
  readonly meta: { readonly current_page: number; readonly from: number | null; readonly path: string; readonly per_page: number; readonly to: number | null };
}
