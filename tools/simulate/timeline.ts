interface Entry {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Immediates that are laid out at a time: one turn of Node's loop for each costs more than the step. */
const BATCH = 128;

/** Virtual time: what is to happen, in order. Nothing of it waits in real time. */
export class Timeline {
  /** Ms since the start of the run. */
  now = 0;
  private order = 0;
  /** A binary heap, the earliest first. */
  private readonly heap: Entry[] = [];

  after(ms: number, act: () => void): void {
    const entry = { at: this.now + Math.max(0, ms), order: this.order++, act };
    let i = this.heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(entry, this.heap[parent]!)) break;
      this.heap[i] = this.heap[parent]!;
      i = parent;
    }
    this.heap[i] = entry;
  }

  /** Runs entry after entry, each with everything that its promises lead to, while `more` says so and something is left. */
  run(more: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      let over = false;
      const end = (settle: () => void): void => {
        over = true;
        settle();
      };
      const step = (): void => {
        if (over) return;
        try {
          if (!more() || !this.next()) end(resolve);
        } catch (error) {
          end(() => reject(error));
        }
      };
      // Node empties the microtask queue between two immediates. Every promise of a run is settled by an entry, so that
      // an empty queue means that all code waits for the next one.
      const batch = (): void => {
        for (let i = 0; i < BATCH; i += 1) setImmediate(step);
        setImmediate(() => over || batch());
      };
      batch();
    });
  }

  private next(): boolean {
    const entry = this.pop();
    if (!entry) return false;
    this.now = entry.at;
    entry.act();
    return true;
  }

  private pop(): Entry | undefined {
    const top = this.heap[0];
    const last = this.heap.pop();
    if (!top || !last || this.heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= this.heap.length) break;
      if (child + 1 < this.heap.length && before(this.heap[child + 1]!, this.heap[child]!)) child += 1;
      if (!before(this.heap[child]!, last)) break;
      this.heap[i] = this.heap[child]!;
      i = child;
    }
    this.heap[i] = last;
    return top;
  }
}
