import { Failure } from '@millrace/failures';
import { currentTrace } from '@millrace/telemetry';
import { headers as newHeaders, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';

/** Headers of a message; where a name came twice, its last value. */
export type Headers = Readonly<Record<string, string>>;

/**
 * JSON in UTF-8; undefined becomes null, because JSON has no other word for it.
 * @throws Failure PAYLOAD_TOO_LARGE above the server's `max_payload`.
 */
export function encode(payload: unknown, connection: NatsConnection): Uint8Array {
  const data = Buffer.from(JSON.stringify(payload ?? null));
  const limit = connection.info?.max_payload;
  if (limit !== undefined && data.length > limit) throw new Failure('PAYLOAD_TOO_LARGE', `A message of ${data.length} bytes exceeds the bus's ${limit}`);
  return data;
}

/** @throws Failure INVALID_DATA when `data` is not JSON. */
export function decode(data: Uint8Array): unknown {
  if (data.length === 0) return null;
  try {
    return JSON.parse(Buffer.from(data).toString('utf8'));
  } catch (error) {
    throw new Failure('INVALID_DATA', 'The message is not JSON', { cause: error });
  }
}

/** `headers` for the wire, with the current trace unless they name one. Values are one line of printable ASCII: NATS refuses line breaks. */
export function toWire(headers: Headers = {}): MsgHdrs {
  const traceparent = currentTrace()?.traceparent;
  const wire = newHeaders();
  for (const [name, value] of Object.entries({ ...(traceparent === undefined ? {} : { traceparent }), ...headers })) wire.set(name, value.replace(/[^\x20-\x7e]+/g, ' '));
  return wire;
}

export function fromWire(wire: MsgHdrs | undefined): Headers {
  return Object.fromEntries((wire?.keys() ?? []).map((name) => [name, wire!.last(name)]));
}
