const PARENT_MS = 1_000;

export interface StopRequest {
  readonly signal: AbortSignal;
  readonly requested: Promise<void>;
}

/**
 * Ctrl-C, a signal, a closed terminal, or the end of the `npm` that started us (killed, it does not pass its signal on).
 * Later requests change nothing: stopping goes on in order.
 */
export function stopRequest(): StopRequest {
  const controller = new AbortController();
  const request = (why: string) => (): void => controller.abort(new Error(why));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, request(name));
  const parent = process.ppid;
  const underNpm = process.env['npm_lifecycle_event'] !== undefined && process.env['MILLRACE_DETACHED'] === undefined;
  const watch = setInterval(() => {
    if (underNpm && process.ppid !== parent) controller.abort(new Error('npm has ended'));
  }, PARENT_MS);
  watch.unref();
  const requested = new Promise<void>((resolve) => controller.signal.addEventListener('abort', () => resolve(), { once: true }));
  void requested.then(() => clearInterval(watch));
  return { signal: controller.signal, requested };
}
