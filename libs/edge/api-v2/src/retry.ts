import { randomUUID } from 'node:crypto';
import type { Caller } from '@millrace/access';
import type { Catalog } from '@millrace/catalog';
import { Failure } from '@millrace/failures';
import { type Creation, type JobCommands, type JobView, openSealedOptions, OptionSealer, type OrchestrationStore, type Resources, sealedFields, type TaskRow } from '@millrace/job-store';
import { currentTrace } from '@millrace/telemetry';
import { PRIORITY, type View } from './creation';
import { INVALID_INPUT } from './planning/references';
import type { ApiSettings } from './settings';

const invalid = (field: string, message: string): Failure => new Failure('INVALID_DATA', 'The given data was invalid.', { errors: { [field]: [message] } });

/** Repeats a task as a new standalone one. The old one stays as it is. */
export class Retrier {
  constructor(
    private readonly catalog: Catalog,
    private readonly commands: Pick<JobCommands, 'create'>,
    private readonly resources: Pick<Resources, 'task'>,
    private readonly keys: Pick<OrchestrationStore, 'wrappedKey'>,
    private readonly settings: Pick<ApiSettings, 'region' | 'masterKey'>,
    private readonly view: View,
  ) {}

  /** The new task, as it was made. Throws INVALID_DATA when an input, the content or the secrets of the old one are gone. */
  async retry(old: TaskRow, caller: Caller): Promise<JobView> {
    const id = randomUUID();
    for (const input of old.view.inputs) {
      if (!(await this.resources.task(input, caller.account))) throw invalid('input', INVALID_INPUT);
    }
    const fields = sealedFields(old.view.options);
    const options = fields.length === 0 ? old.view.options : await this.open(old);
    const sealer = new OptionSealer(this.settings.masterKey);
    // Sealed anew: a secret is bound to the task that it stands in.
    const sealed = sealer.seal(id, options, fields);
    const { wrappedKey } = sealer;
    const { state } = await this.commands.create({
      id,
      kind: 'task',
      account: caller.account,
      apiKey: caller.apiKey,
      tag: null,
      webhookUrl: null,
      region: this.settings.region,
      priority: PRIORITY,
      trace: currentTrace()?.traceparent ?? null,
      tasks: [{ id, name: null, operation: old.operation, options: sealed, inputs: old.view.inputs, ignoreError: old.view.ignoreError, retryOf: old.id, ...this.work(old, options) }],
      ...(wrappedKey !== undefined && { wrappedKey }),
    });
    return this.view(state!);
  }

  /** What is to be done: the steps of today's catalog, or nothing for content that the old task brought along. */
  private work(old: TaskRow, options: Readonly<Record<string, unknown>>): Pick<Creation['tasks'][number], 'steps' | 'timeoutMs' | 'content'> {
    if (this.catalog.operations().find(({ operation }) => operation === old.operation)?.place === 'gateway-content') {
      if (old.view.files.length === 0) throw invalid('status', 'The content of the task is no longer there.');
      return { steps: [], timeoutMs: old.view.timeoutMs, content: { run: randomUUID(), files: old.view.files } };
    }
    const { steps } = this.catalog.plan(old.operation, { ...options, input: [...old.view.inputs] });
    return { steps, timeoutMs: old.view.timeoutMs };
  }

  private async open(old: TaskRow): Promise<Record<string, unknown>> {
    const wrapped = await this.keys.wrappedKey(old.stream);
    if (wrapped === undefined) throw invalid('status', 'The secrets of the task are no longer kept.');
    return openSealedOptions(this.settings.masterKey, old.view.options, wrapped, old.id);
  }
}
