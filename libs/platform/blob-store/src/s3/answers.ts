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
