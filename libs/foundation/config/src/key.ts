import { z } from 'zod';
import { Secret } from './secret';

/** A secret key of exactly `bytes` bytes, written in base64. Read it with `keyBytes`. */
export const key = (bytes: number): z.ZodType<Secret> =>
  z
    .string()
    .transform((text, context) => {
      if (Buffer.from(text, 'base64').length === bytes) return new Secret(text);
      context.addIssue({ code: 'custom', message: `is not base64 of ${bytes} bytes` });
      return z.NEVER;
    })
    .meta({ example: `the output of: openssl rand -base64 ${bytes}` });

/** The bytes of a `key`. */
export const keyBytes = (secret: Secret): Buffer => Buffer.from(secret.reveal(), 'base64');
