import { z } from 'zod';
import { Failure } from '@millrace/failures';
import { extOf } from '@millrace/file-types';

const schema = z.object({
  output_format: z.string().transform((name) => extOf(`x.${name}`)),
  input_format: z.string().transform((name) => extOf(`x.${name}`)).nullish(),
  pages: z.string().regex(/^[\d\s,-]{1,1000}$/).nullish(),
  bookmarks: z.boolean().nullish(),
  optimize_print: z.boolean().nullish(),
  include_markup: z.boolean().nullish(),
  password: z.string().max(255).nullish(),
  /** In a step that is not the last of a route: files that are of the output format, or not of our reading, go on as they are. */
  pass_others: z.boolean().nullish(),
});

export type OfficeOptions = z.output<typeof schema>;

const OF_PDF = ['pages', 'bookmarks', 'optimize_print', 'include_markup'] as const;

/**
 * The options of this engine out of a task's.
 * @throws Failure INVALID_INPUT naming the first wrong option, or one that means nothing for the output format.
 */
export function officeOptions(options: Readonly<Record<string, unknown>>): OfficeOptions {
  const parsed = schema.safeParse(options);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    // Not the value: it may be the password.
    throw new Failure('INVALID_INPUT', `The option ${issue.path.join('.')} is invalid: ${issue.message}`);
  }
  const idle = parsed.data.output_format === 'pdf' ? undefined : OF_PDF.find((name) => parsed.data[name] != null);
  if (idle) throw new Failure('INVALID_INPUT', `The option ${idle} shapes a pdf only; the output format is ${parsed.data.output_format}`);
  return parsed.data;
}
