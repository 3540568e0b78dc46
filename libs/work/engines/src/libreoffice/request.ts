import { Failure } from '@millrace/failures';
import { z } from 'zod';
import { READERS, WRITERS, type Reader, type Writer } from './formats';
import type { OfficeOptions } from './options';

/** What the driver in the jail reads, a line of JSON each. */
export interface DriverRequest {
  /** Paths as the jail shows them. */
  readonly input: string;
  readonly output: string;
  readonly load: Reader & { readonly password?: string };
  /** True takes what was deleted in a text out of it, and what was inserted into it, before it is stored. */
  readonly acceptChanges: boolean;
  readonly store: Writer & { readonly data: Readonly<Record<string, string | number | boolean>> };
}

/** What the driver answers: why not (`detail` is LibreOffice's own text, for the log), or the names of what lies in the folder `out`. */
export const driverAnswer = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    files: z.array(z.object({ name: z.string().regex(/^[\w.]{1,64}$/), sheet: z.string().max(255).optional() })).min(1),
  }),
  z.object({ ok: z.literal(false), error: z.enum(['password', 'wrong_password', 'unreadable', 'unstorable', 'sheets', 'empty']), detail: z.string() }),
]);

export type DriverAnswer = z.output<typeof driverAnswer>;
export type Refusal = Extract<DriverAnswer, { ok: false }>;

/** Pictures in a pdf: for paper, or for a screen. */
const PRINT = { Quality: 95, ReduceImageResolution: true, MaxImageResolution: 600 };
const SCREEN = { Quality: 80, ReduceImageResolution: true, MaxImageResolution: 150 };

function pdfData({ pages, bookmarks, optimize_print, include_markup }: OfficeOptions): Record<string, string | number | boolean> {
  return {
    ...((optimize_print ?? true) ? PRINT : SCREEN),
    ExportBookmarks: bookmarks ?? false,
    ExportNotes: include_markup ?? false,
    ...(pages && { PageRange: pages.replace(/\s/g, '') }),
  };
}

/**
 * The request that turns a file of `type` into what `options` ask for, but for its paths.
 * @throws Failure INVALID_INPUT when LibreOffice does not write that format from this kind of document.
 */
export function requestFor(type: string, options: OfficeOptions): Omit<DriverRequest, 'input' | 'output'> {
  const reader = READERS.get(type)!;
  const { family } = reader;
  const format = options.output_format;
  const writer = WRITERS[family].get(format);
  if (!writer) throw new Failure('INVALID_INPUT', `A ${type} cannot become a ${format}. It can become: ${[...WRITERS[family].keys()].join(', ')}`);
  const pdf = format === 'pdf';
  return {
    load: { ...reader, ...(options.password != null && { password: options.password }) },
    acceptChanges: pdf && family === 'writer' && !options.include_markup,
    store: { ...writer, data: pdf ? pdfData(options) : {} },
  };
}
