import { secret } from '@millrace/contracts';
import { z } from 'zod';
import { text } from './fields';

/** Header names are tokens of RFC 9110 §5.6.2; values are visible ASCII, so that none ends its line. */
const headerName = z.string().max(128).regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/);
const headerValue = z.string().max(8192).regex(/^[\t\x20-\x7e]*$/);

/** True for an absolute http or https URL. Whether its address may be reached is found out by the task. */
function isWebUrl(value: string): boolean {
  return /^https?:\/\//i.test(value) && URL.canParse(value);
}

/** An absolute http or https URL. */
export const webUrl = () => text(8192).refine(isWebUrl);

/** Headers of a request, at most 50; they may carry the keys of somebody's storage. */
export const requestHeaders = () => secret(z.record(headerName, headerValue).refine((headers) => Object.keys(headers).length <= 50).optional());
