/** Reads the lines of `-progress`: how much of the output is written. */
export class ProgressReader {
  /** Seconds written so far. */
  written = 0;
  /** Frames of the picture written so far. */
  frames = 0;

  /**
   * @param expected seconds the output will have; undefined when nobody knows, then nothing is told.
   * @param tell called with a share from 0 to 0.99: the end is told by the caller, who knows that it is one.
   */
  constructor(
    private readonly expected: number | undefined,
    private readonly tell: (share: number) => void,
  ) {}

  line(line: string): void {
    const [, name, digits] = /^(out_time_us|frame)=(\d+)$/.exec(line) ?? [];
    if (name === undefined) return;
    if (name === 'frame') {
      this.frames = Number(digits);
      return;
    }
    this.written = Math.max(this.written, Number(digits) / 1e6);
    if (this.expected) this.tell(Math.min(0.99, this.written / this.expected));
  }
}
