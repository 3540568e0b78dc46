/** The address behind a public URL as `host:port`, for lists of hosts; none for a URL that is not given. */
export function ownAddresses(publicUrl: string | undefined): string[] {
  if (publicUrl === undefined) return [];
  const { hostname, port, protocol } = new URL(publicUrl);
  return [`${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`];
}
