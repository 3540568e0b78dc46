import { z } from 'zod';
import { fileRef, type ReportAnswer, type ReportOutcome, type ReportRequest } from '@millrace/contracts';
import type { ReportTask } from '@millrace/job-domain';
import type { CommandHandler } from '@millrace/job-store';
import { Failure } from '@millrace/failures';
import type { Manifests } from './ports';

const fileList = z.array(fileRef).max(10_000);

/** Takes the outcome of a run into the log, once, however often it is sent. */
export class ReportDesk {
  constructor(
    private readonly handler: CommandHandler,
    private readonly manifests: Manifests,
  ) {}

  /** `confirmed` when the log holds this report; `refused` when its run is not the current one. */
  async report({ stream, task, attempt, run, outcome }: ReportRequest): Promise<ReportAnswer> {
    const executed = await this.handler.execute({
      stream,
      inputId: `report:${task}:${attempt}:${run}:${outcome.status}`,
      // Read only when the report is not in the log yet: its manifest may be gone by the time a repeat comes.
      command: async (now) => ({ type: 'ReportTask', now, task, run, outcome: await this.withFiles(outcome, `${task}/${run}/`) }),
    });
    return { verdict: executed.repeated || executed.events.length > 0 ? 'confirmed' : 'refused' };
  }

  private async withFiles(outcome: ReportOutcome, ownKeys: string): Promise<ReportTask['outcome']> {
    if (outcome.status === 'failed') return outcome;
    if (outcome.manifest && !outcome.manifest.startsWith(ownKeys)) throw new Failure('FORBIDDEN', 'A report may name only a manifest of its own run');
    const files = outcome.manifest ? fileList.parse(await this.manifests.read(outcome.manifest)) : (outcome.files ?? []);
    return { ...outcome, files };
  }
}
