import { statSync } from 'node:fs';
import path from 'node:path';
import { Api, type Job } from './api';
import { ApiError } from './api-error';
import type { ConvertCommand } from './arguments';
import { jobOf, outputPaths } from './job';
import type { Platform } from './platform';
import { Progress, stageOf } from './progress';

type Conversion = Extract<ConvertCommand, { verb: 'convert' }>;

const kilobytes = (file: string): string => `${(statSync(file).size / 1000).toFixed(1)} kB`;

/** What went wrong, without the failures that only follow from another. */
function reasons({ tasks }: Job): string {
  const failed = tasks.filter(({ status, code }) => status === 'error' && code !== 'INPUT_TASK_FAILED');
  return failed.map(({ message, code }) => `${message} (${code})`).join('\n') || 'The job failed.';
}

async function uploadAll(api: Api, job: Job, inputs: readonly string[], progress: Progress): Promise<void> {
  for (const [index, input] of inputs.entries()) {
    const form = job.tasks.find(({ name }) => name === `upload-${index}`)?.result?.form;
    if (!form) throw new ApiError('The platform gave no form to upload to.');
    const size = statSync(input).size;
    await api.upload(form, input, (bytes) => progress.say(`uploading ${path.basename(input)}: ${Math.floor((bytes / size) * 100)} %`));
  }
}

/** Converts; answers the paths it wrote. Throws ApiError with what the platform says. */
export async function convert({ inputs, output, options, quiet }: Conversion, platform: Platform): Promise<string[]> {
  const api = new Api(platform);
  const progress = new Progress(quiet);
  const started = Date.now();
  const job = await api.createJob(jobOf(inputs.length, output, options));
  try {
    await uploadAll(api, job, inputs, progress);
    const ended = await api.ended(job.id, (seen) => progress.say(stageOf(seen)));
    if (ended.status === 'error') throw new ApiError(reasons(ended));
    const files = ended.tasks.find(({ name }) => name === 'export')?.result?.files ?? [];
    const paths = outputPaths(output, files.length);
    for (const [index, { url }] of files.entries()) await api.download(url!, paths[index]!);
    progress.done();
    if (!quiet) for (const file of paths) console.log(`${file}  ${kilobytes(file)}  ${((Date.now() - started) / 1000).toFixed(1)} s`);
    return paths;
  } finally {
    progress.done();
    // Nobody else knows of this job: its files need not stay a day. Where that fails they go when their time is over.
    await api.delete(job.id).catch(() => undefined);
  }
}

/** The options of a conversion, a line each. */
export async function describeOptions(from: string, to: string, platform: Platform): Promise<string> {
  const entries = await new Api(platform).operations(from, to);
  if (entries.length === 0) throw new ApiError(`Nothing here converts ${from} to ${to}.`);
  return entries
    .map(({ engine, options = [] }) => {
      const lines = options.map(({ name, type, default: preset, possible_values: values }) => {
        const kind = values ? values.join(' | ') : type;
        return `  --${name.padEnd(24)} ${kind}${preset === undefined || preset === null ? '' : ` (default ${String(preset)})`}`;
      });
      return `${from} to ${to}, by ${engine}:\n${lines.join('\n')}`;
    })
    .join('\n\n');
}
