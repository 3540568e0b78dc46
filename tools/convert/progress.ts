import type { Job } from './api';

/** One line that is written over on a terminal, and a line per change elsewhere. */
export class Progress {
  private last = '';

  constructor(private readonly quiet: boolean) {}

  say(text: string): void {
    if (this.quiet || text === this.last) return;
    this.last = text;
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
  }

  /** Ends the line. */
  done(): void {
    if (!this.quiet && process.stderr.isTTY && this.last !== '') process.stderr.write('\r\x1b[K');
    this.last = '';
  }
}

const DOING: Readonly<Record<string, string>> = { export: 'exporting' };

/** What a job does just now, in a few words. */
export function stageOf({ tasks }: Job): string {
  const task = tasks.find(({ status }) => status === 'processing') ?? tasks.find(({ status }) => status === 'waiting');
  if (!task) return 'finishing';
  if (task.status === 'waiting') return 'waiting for a worker';
  const doing = DOING[task.name ?? ''] ?? `converting${task.engine ? ` with ${task.engine}` : ''}`;
  return task.percent > 0 && task.percent < 100 ? `${doing}: ${task.percent} %` : doing;
}
