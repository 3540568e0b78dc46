import { errorCodes, type FastifyInstance } from 'fastify';

/**
 * Lets a request without a body through whatever type it names: axios says application/x-www-form-urlencoded of a POST of nothing, and SDKs before 3
 * cancel tasks with it. A body of a type that nobody reads stays 415.
 */
export function acceptNoBody(instance: FastifyInstance): void {
  instance.addContentTypeParser('*', (request, _, done) => {
    const { 'content-length': length, 'transfer-encoding': encoding, 'content-type': type } = request.headers;
    if (encoding === undefined && (length ?? '0') === '0') done(null);
    else done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(type));
  });
}
