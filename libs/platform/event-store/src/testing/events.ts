import { randomUUID } from 'node:crypto';
import type { NewEvent } from '..';

/** An event with nothing special about it. */
export const event = (over: Partial<NewEvent> = {}): NewEvent => ({ eventId: randomUUID(), type: 'Noted', schemaVersion: 1, data: { note: 'x' }, meta: { account: 1000 }, ...over });

export const events = (count: number): NewEvent[] => Array.from({ length: count }, () => event());
