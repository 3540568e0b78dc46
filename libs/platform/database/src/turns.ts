import { Failure } from '@millrace/failures';

/**
 * Who may have a connection now. The pool's own time limit is meant for a server that does not answer; without turns it also ended
 * requests that only stood in a queue: of 300 at once, 42 were refused after a second though Postgres was well.
 */
export class Turns {
  private readonly waiting: (() => void)[] = [];

  constructor(
    private free: number,
    /** Longest wait for a turn, ms. */
    private readonly patienceMs: number,
  ) {}

  /** Throws SERVICE_UNAVAILABLE when none came in time. */
  take(): Promise<void> {
    if (this.free > 0) {
      this.free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(called), 1);
        reject(new Failure('SERVICE_UNAVAILABLE', 'The service is too busy'));
      }, this.patienceMs);
      const called = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.waiting.push(called);
    });
  }

  give(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.free += 1;
  }
}
