import { createHash } from 'node:crypto';
import { signTicket, signUrl } from '@millrace/signing';
import type { Links } from './presenter';

const HOUR_MS = 3_600_000;
/** Download URLs live as long as their task does after its end; contract §7: 24 h. */
const DOWNLOAD_MS = 24 * HOUR_MS;
/** How long an upload form is open; contract §5.2: 6 h. Only the form's own date follows from it. */
const FORM_MS = 6 * HOUR_MS;

/** Where customers send and fetch files. */
export const STORAGE_PATH = '/storage';
export const UPLOAD_PATH = `${STORAGE_PATH}/tasks`;
/** Stands in a download URL where the id of a blob would, for all files of a task in one zip. */
export const ARCHIVE_ID = 'archive';
export const ARCHIVE_NAME = 'archive.zip';

/** What the signature of an upload form proves. */
export interface UploadTicket {
  readonly task: string;
  /** Where the browser is sent after the upload. */
  readonly redirect?: string;
}

export interface LinkSettings {
  /** The address customers reach the gateway at, without `/v2`. */
  readonly publicUrl: string;
  /** The address for files, when it is another. Signatures do not cover it: a link is good on every host of the gateway. */
  readonly storageUrl?: string;
  /** Signs URLs and upload forms. */
  readonly secret: string;
}

/** A name of a stored file that shows nothing of its key. */
export const blobId = (blob: string): string => createHash('sha256').update(blob).digest('hex').slice(0, 24);

/** A path segment that no client has a reason to encode again (RFC 3986 §2.3). */
export const pathSegment = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const isWebAddress = (value: unknown): value is string => typeof value === 'string' && /^https?:\/\/[^\s"<>\\]+$/i.test(value) && URL.canParse(value);

/** `20201217T053353Z`, as S3 writes dates. */
const compactTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;

function policyOf(key: string, until: string, fields: Readonly<Record<string, string>>): string {
  const conditions = [{ bucket: 'tasks' }, ['starts-with', '$key', key.replace('${filename}', '')], ...Object.entries(fields).map(([name, value]) => ({ [name]: value }))];
  return Buffer.from(JSON.stringify({ expiration: new Date(until).toISOString(), conditions }), 'utf8').toString('base64');
}

/** The URLs in resources. Pure: the same task gives the same URLs, however often and by whomever it is shown. */
export function createLinks({ publicUrl: address, storageUrl: files = address, secret }: LinkSettings): Links {
  const [publicUrl, storageUrl] = [address, files].map((url) => url.replace(/\/+$/, '')) as [string, string];
  const signed = (path: string, inline: boolean, endedAt: string): string =>
    storageUrl + signUrl(secret, { method: 'GET', path, params: { disposition: inline ? 'inline' : 'attachment' }, expiresAt: new Date(Date.parse(endedAt) + DOWNLOAD_MS) });
  return {
    publicUrl,
    storageUrl,
    download: (task, { blob, name }, inline, endedAt) => signed(`${STORAGE_PATH}/${task}/${blobId(blob)}/${pathSegment(name)}`, inline, endedAt),
    archive: (task, inline, endedAt) => signed(`${STORAGE_PATH}/${task}/${ARCHIVE_ID}/${ARCHIVE_NAME}`, inline, endedAt),
    uploadForm(task, until, options) {
      const redirect = isWebAddress(options['redirect']) ? options['redirect'] : undefined;
      const key = `${task}/\${filename}`;
      const date = compactTime(Date.parse(until) - FORM_MS);
      const fields = {
        acl: 'private',
        success_action_status: '201',
        'X-Amz-Credential': `millrace/${date.slice(0, 8)}/local/s3/aws4_request`,
        'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
        'X-Amz-Date': date,
        ...(redirect !== undefined && { success_action_redirect: redirect }),
      };
      const { acl, ...rest } = fields;
      const ticket: UploadTicket = { task, ...(redirect !== undefined && { redirect }) };
      return {
        url: storageUrl + UPLOAD_PATH,
        parameters: { acl, key, ...rest, Policy: policyOf(key, until, fields), 'X-Amz-Signature': signTicket(secret, ticket, new Date(until)) },
      };
    },
  };
}
