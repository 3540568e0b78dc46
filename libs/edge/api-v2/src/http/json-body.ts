import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { linger } from '@millrace/access';
import { Failure } from '@millrace/failures';
import { parseJson } from './json-scan';
import type { LargeBodies } from './large-bodies';

export interface BodyLimits {
  /** Bytes of a JSON body. */
  readonly jsonBytes: number;
  /** Bytes of a JSON body that carries the content of a task. */
  readonly contentBytes: number;
  /** Bodies above `jsonBytes` in memory at once. */
  readonly largeBodies: number;
  readonly jsonDepth: number;
}

/** A body must be here within this time, ms; slower ones hold memory for nothing. */
const BODY_MS = 60_000;

const DETAILS = Symbol('body');
interface Details {
  readonly bytes: number;
  readonly sha256: string;
}

/** Size and SHA-256 (hex) of the body as it came; those of an empty one when there was none. */
export function bodyDetails(request: FastifyRequest): Details {
  return (request as unknown as { [DETAILS]?: Details })[DETAILS] ?? { bytes: 0, sha256: createHash('sha256').digest('hex') };
}

const LEAVE = Symbol('leave');

/** Frees the memory of a body that was used up, before the answer: an answer may take hours, and large bodies are few at a time. */
export function forgetBody(request: FastifyRequest): void {
  request.body = undefined;
  (request as unknown as { [LEAVE]?: () => void })[LEAVE]?.();
}

const tooLarge = (bytes: number): Failure => new Failure('PAYLOAD_TOO_LARGE', `The request body may not be larger than ${bytes} bytes.`);

/** Throws PAYLOAD_TOO_LARGE for a body that is large without carrying content. */
export function refuseLargeWithoutContent(request: FastifyRequest, limits: Pick<BodyLimits, 'jsonBytes'>): void {
  if (bodyDetails(request).bytes > limits.jsonBytes) throw tooLarge(limits.jsonBytes);
}

/** Calls `over` once the response is over, sent or not. */
function whenAnswered(reply: FastifyReply, over: () => void): void {
  reply.raw.once('close', over);
}

/** Decides before a large body is read whether this request may bring one; it may throw to refuse it. */
export type MayBeLarge = (request: FastifyRequest) => Promise<boolean>;

/** Reads JSON bodies: small ones anywhere, large ones where `mayBeLarge` says so, a bounded number at once. */
export class JsonBodies {
  constructor(
    private readonly limits: BodyLimits,
    private readonly large: LargeBodies,
    private readonly mayBeLarge: MayBeLarge,
  ) {}

  /** The parsed body. Throws PAYLOAD_TOO_LARGE, SERVICE_UNAVAILABLE when too many large ones are read, INVALID_DATA. */
  async read(request: FastifyRequest, payload: IncomingMessage, reply: FastifyReply): Promise<unknown> {
    try {
      const { jsonBytes, contentBytes } = this.limits;
      const declared = payload.headers['content-length'];
      const isSmall = declared !== undefined && Number(declared) <= jsonBytes;
      const body = await this.collect(request, payload, reply, !isSmall && (await this.mayBeLarge(request)) ? contentBytes : jsonBytes);
      const details: Details = { bytes: body.length, sha256: createHash('sha256').update(body).digest('hex') };
      Object.assign(request, { [DETAILS]: details });
      return parseJson(body.toString('utf8'), this.limits.jsonDepth);
    } catch (error) {
      linger(payload);
      throw error;
    }
  }

  private collect(request: FastifyRequest, payload: IncomingMessage, reply: FastifyReply, most: number): Promise<Buffer> {
    const { jsonBytes } = this.limits;
    let entered = false;
    const allow = (bytes: number): void => {
      if (bytes > most) throw tooLarge(most);
      if (bytes <= jsonBytes || entered) return;
      const leave = this.large.enter();
      Object.assign(request, { [LEAVE]: leave });
      whenAnswered(reply, leave);
      entered = true;
    };
    allow(Number(payload.headers['content-length'] ?? 0));
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const settle = (error?: unknown): void => {
        clearTimeout(timer);
        payload.off('data', onData).off('end', onEnd).off('close', onClose);
        if (error) reject(error);
        else resolve(Buffer.concat(chunks));
      };
      const timer = setTimeout(() => settle(new Failure('INVALID_DATA', 'The request body took too long.')), BODY_MS);
      const onData = (chunk: Buffer): void => {
        bytes += chunk.length;
        try {
          allow(bytes);
          chunks.push(chunk);
        } catch (error) {
          settle(error);
        }
      };
      const onEnd = (): void => settle();
      const onClose = (): void => settle(new Failure('INVALID_DATA', 'The request body was cut.'));
      payload.on('data', onData).once('end', onEnd).once('close', onClose).on('error', () => undefined);
    });
  }
}
