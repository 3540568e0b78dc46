import type { ServerResponse } from 'node:http';

const SPELLINGS: Readonly<Record<string, string>> = { etag: 'ETag', 'www-authenticate': 'WWW-Authenticate' };

/** `content-type` as `Content-Type`: a client of this API reads header names by their case (contract §1.3). */
const spelled = (name: string): string => SPELLINGS[name.toLowerCase()] ?? name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());

/** Spells the names of all headers of a response in the classic way. */
export function classicHeaderNames(response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response) as (status: number, headers?: object) => ServerResponse;
  response.writeHead = ((status: number, headers?: Record<string, unknown>) => {
    const shown = Object.entries(headers ?? {}).filter(([, value]) => value !== undefined);
    return writeHead(status, Object.fromEntries(shown.map(([name, value]) => [spelled(name), value])));
  }) as typeof response.writeHead;
}
