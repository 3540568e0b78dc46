import { Failure, failureOf, isFailure } from './failure';

describe('Failure', () => {
  it('takes class, status and retryable from its code', () => {
    const crash = new Failure('ENGINE_CRASHED', 'The engine crashed');
    expect([crash.class, crash.retryable, crash.status]).toEqual(['engine', true, 422]);
    const input = new Failure('INVALID_INPUT', 'Not an image');
    expect([input.class, input.retryable]).toEqual(['input', false]);
  });

  it('wraps a foreign error without telling its text', () => {
    const failure = failureOf(new Error('password=hunter2'));
    expect(failure.code).toBe('INTERNAL_ERROR');
    expect(failure.publicMessage).toBe('Server Error');
    expect(failure.message).not.toContain('hunter2');
    expect((failure.cause as Error).message).toBe('password=hunter2');
  });

  it('knows its own kind and passes it through', () => {
    const failure = new Failure('NOT_FOUND', 'No such job');
    expect(isFailure(failure)).toBe(true);
    expect(isFailure(new Error('x'))).toBe(false);
    expect(failureOf(failure)).toBe(failure);
  });
});
