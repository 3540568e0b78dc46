import { Failure } from '@millrace/failures';

/** Bounds how many large bodies are in memory at once. */
export class LargeBodies {
  #held = 0;

  constructor(private readonly most: number) {}

  /** Takes a place; the answer gives it back. Throws SERVICE_UNAVAILABLE when none is free. */
  enter(): () => void {
    if (this.#held >= this.most) throw new Failure('SERVICE_UNAVAILABLE', 'Too many large requests are being read. Please retry.');
    this.#held += 1;
    let left = false;
    return () => {
      if (!left) this.#held -= 1;
      left = true;
    };
  }
}
