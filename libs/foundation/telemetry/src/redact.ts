const SECRET_KEY =
  /^(.*[-_])?(password|passwd|pass|passphrase|secrets?|token|authorization|cookie|credentials?|api[-_]?key|access[-_]?key[-_]?id|(private|master|account|shared|signing|secret)[-_]?key|signature|sas)$/i;
/** `secretAccessKey` is read as `secret_Access_Key`. */
const snake = (key: string): string => key.replace(/([a-z0-9])([A-Z])/g, '$1_$2');
const isSecret = (key: string): boolean => SECRET_KEY.test(snake(key)) || /(^|_)(secret|access_key|set[-_]cookie)/i.test(snake(key));

const MASK = '[redacted]';
const MAX_DEPTH = 8;
const MAX_ENTRIES = 200;

const URL_PASSWORD = /(:\/\/[^\s/:@]*):[^\s/@]+@/g;
const URL_SIGNATURE = /([?&](?:[\w-]*(?:signature|token|credential|secret|password|key)|sig|se)=)[^&\s"']+/gi;

/** `text` without the passwords, tokens and signatures that URLs inside it carry. */
export function redactText(text: string): string {
  return text.includes('://') ? text.replace(URL_PASSWORD, `$1:${MASK}@`).replace(URL_SIGNATURE, `$1${MASK}`) : text;
}

function describeError(error: Error, depth: number, seen: readonly object[]): unknown {
  const { code, status, cause, errors } = error as Error & { code?: unknown; status?: unknown; cause?: unknown; errors?: unknown };
  const shown = { type: error.name, message: error.message, code, status, stack: error.stack, cause, errors };
  return entriesOf(Object.entries(shown), depth, seen);
}

function entriesOf(entries: readonly (readonly [string, unknown])[], depth: number, seen: readonly object[]): Record<string, unknown> {
  const shown = entries.slice(0, MAX_ENTRIES).flatMap(([key, value]) => {
    if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return [];
    return [[key, isSecret(key) && value !== null && value !== '' ? MASK : plain(value, depth, seen)] as const];
  });
  return Object.fromEntries(shown);
}

function plainObject(value: object, depth: number, seen: readonly object[]): unknown {
  if (seen.includes(value)) return '[circular]';
  if (depth >= MAX_DEPTH) return '[deep]';
  const path = [...seen, value];
  try {
    if (value instanceof Error) return describeError(value, depth + 1, path);
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((item) => plain(item, depth + 1, path));
    if ('toJSON' in value && typeof value.toJSON === 'function') return plain(value.toJSON(), depth + 1, path);
    if (value instanceof Map) return entriesOf([...value].map(([key, item]) => [String(key), item] as const), depth + 1, path);
    if (value instanceof Set) return [...value].slice(0, MAX_ENTRIES).map((item) => plain(item, depth + 1, path));
    return entriesOf(Object.entries(value), depth + 1, path);
  } catch (error) {
    // A getter or toJSON of the logged object threw. The line matters more than the value.
    return `[unreadable: ${error instanceof Error ? error.name : typeof error}]`;
  }
}

function plain(value: unknown, depth: number, seen: readonly object[]): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'object' && value !== null ? plainObject(value, depth, seen) : value;
}

/**
 * A copy of `fields` that can be printed: secret keys masked at any depth (down to 8), credentials in URLs masked, errors with their
 * causes, circles, long lists and bytes shortened. Never throws.
 */
export function printable(fields: object): Record<string, unknown> {
  const result = plainObject(fields, 0, []);
  return typeof result === 'object' && result !== null && !Array.isArray(result) ? (result as Record<string, unknown>) : { value: result };
}
