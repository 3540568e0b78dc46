import { z } from 'zod';
import { fileRef, type ReportAnswer, type ReportOutcome, type ReportRequest } from '@millrace/contracts';
import type { ReportTask } from '@millrace/job-domain';
import type { CommandHandler } from '@millrace/job-store';
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
    const whole = await this.withFiles(outcome);
    const executed = await this.handler.execute({
      stream,
      inputId: `report:${task}:${attempt}:${run}:${outcome.status}`,
      command: (now) => ({ type: 'ReportTask', now, task, run, outcome: whole }),
    });
    return { verdict: executed.repeated || executed.events.length > 0 ? 'confirmed' : 'refused' };
  }

  private async withFiles(outcome: ReportOutcome): Promise<ReportTask['outcome']> {
    if (outcome.status === 'failed') return outcome;
    const files = outcome.manifest ? fileList.parse(await this.manifests.read(outcome.manifest)) : (outcome.files ?? []);
    return { ...outcome, files };
  }
}
