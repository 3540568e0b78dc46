import { inspect } from 'node:util';

const SHOWN = '[secret]';

/** A text that prints as `[secret]` wherever it ends up: in logs, JSON, templates and inspections. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself. Call it where the value is used, and hand it no further. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}
