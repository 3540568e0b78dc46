import type { ListBody } from '@millrace/contracts';
import type { z } from 'zod';
import { FieldErrors } from '../planning/field-errors';

interface Paged {
  readonly page: number;
  readonly per_page: number;
}

/** The checked query of a list. Throws INVALID_DATA that names each parameter and what it may be. */
export function readQuery<T extends Paged>(schema: z.ZodType<T>, query: unknown): T {
  const parsed = schema.safeParse({ ...(query as object) });
  const errors = new FieldErrors();
  if (!parsed.success) errors.addIssues(parsed.error, 'query');
  errors.throwIfAny();
  return parsed.data!;
}

/** The rows to read: one more than the page has tells whether there is a next one. */
export const sliceOf = ({ page, per_page }: Paged): { limit: number; offset: number } => ({ limit: per_page + 1, offset: (page - 1) * per_page });

/**
 * The body of a page (contract §1.5).
 * @param path absolute URL of the list, without query.
 * @param asked the parameters of the request; the links repeat those that were given, so that who follows them keeps the filter.
 */
export function listBody<T>(items: readonly T[], more: boolean, { page, per_page }: Paged, path: string, asked: Readonly<Record<string, unknown>>): ListBody<T> {
  const link = (number: number): string => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(asked)) {
      for (const one of [value].flat()) if (typeof one === 'string' && one !== '' && name !== 'page') query.append(name, one);
    }
    query.append('page', String(number));
    return `${path}?${query}`;
  };
  const from = (page - 1) * per_page + 1;
  return {
    data: items,
    links: { first: link(1), last: null, prev: page > 1 ? link(page - 1) : null, next: more ? link(page + 1) : null },
    meta: { current_page: page, from: items.length > 0 ? from : null, path, per_page, to: items.length > 0 ? from + items.length - 1 : null },
  };
}
