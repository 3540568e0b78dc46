import { isDetached } from './detach';
import { ancestorNamed, isAlive, type ProcessIdentity } from './process-identity';

const PARENT_MS = 1_000;

/** The `npm run` that started us, with or without a shell in between. */
const startingNpm = (): ProcessIdentity | undefined => (process.env['npm_lifecycle_event'] === undefined ? undefined : ancestorNamed(/^npm\b/, 3));

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
  const npm = isDetached() ? undefined : startingNpm();
  const watch = setInterval(() => {
    if (npm && !isAlive(npm)) controller.abort(new Error('npm has ended'));
  }, PARENT_MS);
  watch.unref();
  const requested = new Promise<void>((resolve) => controller.signal.addEventListener('abort', () => resolve(), { once: true }));
  void requested.then(() => clearInterval(watch));
  return { signal: controller.signal, requested };
}
