import { z } from 'zod';

/** What a client sends with `subscribe`; contract §10. */
const shape = z.object({
  channel: z.string().max(128),
  auth: z.object({
    headers: z.union([
      z.object({ Authorization: z.string().max(4_200) }).transform(({ Authorization }) => Authorization),
      z.object({ authorization: z.string().max(4_200) }).transform(({ authorization }) => authorization),
    ]),
  }),
});

export interface Subscription {
  readonly channel: string;
  readonly authorization: string;
}

/** The subscription that a payload asks for, or undefined when it is none. */
export function subscriptionOf(payload: unknown): Subscription | undefined {
  const { success, data } = shape.safeParse(payload);
  return success ? { channel: data.channel, authorization: data.auth.headers } : undefined;
}
