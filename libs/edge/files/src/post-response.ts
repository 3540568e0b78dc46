const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
const escape = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char]!);

/** The body that S3 answers a form upload with (contract §5.2). */
export function postResponse({ key, etag, location }: { key: string; etag: string; location: string }): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse><Bucket>tasks</Bucket><Key>${escape(key)}</Key><ETag>${escape(etag)}</ETag><Location>${escape(location)}</Location></PostResponse>`;
}
