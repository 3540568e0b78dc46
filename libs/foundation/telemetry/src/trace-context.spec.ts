import { childOf, currentTrace, newTrace, parseTraceparent, runWithTrace } from './trace-context';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const HEADER = `00-${TRACE}-b7ad6b7169203331-01`;

describe('trace context', () => {
  it('reads what it writes', () => {
    const trace = newTrace();
    expect(parseTraceparent(trace.traceparent)).toEqual(trace);
    expect(newTrace().traceId).not.toBe(trace.traceId);
  });

  it('keeps the trace and its flags in a child, with a span of its own', () => {
    const child = childOf(`00-${TRACE}-b7ad6b7169203331-00`);
    expect(child.traceId).toBe(TRACE);
    expect(child.spanId).not.toBe('b7ad6b7169203331');
    expect(child.traceparent.endsWith('-00')).toBe(true);
  });

  it.each([undefined, '', 'x', `ff-${TRACE}-b7ad6b7169203331-01`, `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, `00-${TRACE}-${'0'.repeat(16)}-01`, HEADER.toUpperCase(), `${HEADER}-more`])(
    'ignores %p and starts a new trace',
    (header) => {
      expect(parseTraceparent(header)).toBeUndefined();
      expect(childOf(header).traceId).not.toBe(TRACE);
    },
  );

  it('accepts a later version with more fields', () => {
    expect(parseTraceparent(`01-${TRACE}-b7ad6b7169203331-01-more`)?.traceId).toBe(TRACE);
  });

  it('follows awaits and does not leak out', async () => {
    const trace = newTrace();
    const seen = await runWithTrace(trace, async () => {
      await Promise.resolve();
      return currentTrace();
    });
    expect(seen).toBe(trace);
    expect(currentTrace()).toBeUndefined();
  });
});
