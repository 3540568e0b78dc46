interface Answer {
  readonly name?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const has = (error: unknown, names: readonly string[], status: number): boolean => {
  const { name, $metadata } = (error ?? {}) as Answer;
  return names.includes(name ?? '') || ($metadata?.httpStatusCode === status && name !== 'NoSuchBucket');
};

/** The object or upload is not there. A missing bucket is a failing storage. */
export const isMissing = (error: unknown): boolean => has(error, ['NoSuchKey', 'NotFound', 'NoSuchUpload'], 404);

/** A condition of the request was not met: somebody else's object is there. */
export const isRefused = (error: unknown): boolean => has(error, ['PreconditionFailed'], 412) || has(error, ['ConditionalRequestConflict'], 409);

/** The server has no conditional writes. */
export const isNotImplemented = (error: unknown): boolean => has(error, ['NotImplemented'], 501);

/** What came instead of an answer that was wanted, in a few words. */
export function describe(error: unknown): string {
  const { name, $metadata } = (error ?? {}) as Answer;
  if ($metadata?.httpStatusCode === 404) return 'there is no such bucket';
  if ($metadata?.httpStatusCode === 403) return 'the keys give no access to it';
  const { code, message } = error as NodeJS.ErrnoException;
  return [name, $metadata?.httpStatusCode ?? code ?? message].filter(Boolean).join(' ');
}
