import { Failure } from '@millrace/failures';
import { inSpan, type Span, startSpan, useSpanMaker } from './span';
import { childOf, currentTrace, newTrace, runWithTrace } from './trace-context';

afterEach(() => useSpanMaker(undefined));

/** Notes what spans are made and how they end. */
function recorder(): string[] {
  const seen: string[] = [];
  useSpanMaker((name, { parent }): Span => {
    const trace = childOf(parent ?? undefined);
    seen.push(`begin ${name}`);
    return { trace, rename: () => undefined, set: () => undefined, fail: (error) => void seen.push(`fail ${(error as Failure).code}`), end: () => void seen.push(`end ${name}`) };
  });
  return seen;
}

describe('without tracing', () => {
  it('work goes on in the trace that is there, with its span', async () => {
    const trace = newTrace();
    expect(await runWithTrace(trace, () => inSpan('x', {}, async () => currentTrace()))).toBe(trace);
    expect(await inSpan('x', { parent: trace.traceparent }, async () => currentTrace())).toEqual(trace);
    expect(await inSpan('x', {}, async () => currentTrace())).toBeUndefined();
  });

  it('a span that is begun is an id of the trace of its parent', () => {
    const trace = newTrace();
    expect(startSpan('x', { parent: trace.traceparent }).trace).toMatchObject({ traceId: trace.traceId });
    expect(startSpan('x').trace.traceId).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('with tracing', () => {
  it('work runs inside its span, which ends with it', async () => {
    const seen = recorder();
    const trace = newTrace();
    const inside = await runWithTrace(trace, () => inSpan('x', {}, async (span) => [currentTrace() === span.trace, span.trace.traceId, span.trace.spanId]));
    expect(inside).toEqual([true, trace.traceId, expect.not.stringContaining(trace.spanId)]);
    expect(seen).toEqual(['begin x', 'end x']);
  });

  it('a failure is told and passed on', async () => {
    const seen = recorder();
    const failing = inSpan('x', { parent: newTrace().traceparent }, () => Promise.reject(new Failure('TIMEOUT', 'late')));
    await expect(failing).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(seen).toEqual(['begin x', 'fail TIMEOUT', 'end x']);
  });

  it('what belongs to no trace is not traced', async () => {
    const seen = recorder();
    expect(await inSpan('x', { parent: 'nonsense' }, async () => 1)).toBe(1);
    expect(seen).toEqual([]);
  });
});
