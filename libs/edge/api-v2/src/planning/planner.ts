import { randomUUID } from 'node:crypto';
import type { Catalog, Plan, PlannedContent } from '@millrace/catalog';
import type { CreateJobBody, TaskBody } from '@millrace/contracts';
import { type Creation, OptionSealer, type Resources } from '@millrace/job-store';
import { isSealed } from '@millrace/signing';
import { FieldErrors } from './field-errors';
import { type Reference, resolver } from './references';
import { isStorable } from './storable';

type TaskPlan = Creation['tasks'][number];

/** Checked tasks, ready to be appended once the content of the request is stored. */
export interface Planned {
  readonly tasks: readonly TaskPlan[];
  /** Content that came with the request, by task id. */
  readonly contents: ReadonlyMap<string, PlannedContent>;
  /** The key of what was sealed; undefined when nothing was. */
  readonly wrappedKey: string | undefined;
}

interface Draft {
  readonly id: string;
  readonly name: string | null;
  readonly body: TaskBody;
  /** Before the field in the keys of errors. */
  readonly prefix: string;
}

/** Turns request bodies into task plans: names to ids, options checked by the catalog, secrets sealed. */
export class Planner {
  constructor(
    private readonly catalog: Catalog,
    private readonly resources: Pick<Resources, 'task'>,
    private readonly masterKey: Uint8Array,
  ) {}

  /** True when one of these operations brings its content along in the request. */
  carriesContent(operations: readonly unknown[]): boolean {
    const asked = new Set(operations);
    return this.catalog.operations().some(({ operation, content }) => content !== undefined && asked.has(operation));
  }

  /** Tasks of a job, in the order of the body. Throws INVALID_DATA or INVALID_CONVERSION_TYPE with keys `tasks.<name>.<field>`. */
  planJob(tasks: CreateJobBody['tasks'], account: number): Promise<Planned> {
    return this.plan(
      Object.entries(tasks).map(([name, body]) => ({ id: randomUUID(), name, body, prefix: `tasks.${name}.` })),
      account,
    );
  }

  /** A standalone task. Throws INVALID_DATA or INVALID_CONVERSION_TYPE with keys `<field>`. */
  planTask(id: string, body: TaskBody, account: number): Promise<Planned> {
    return this.plan([{ id, name: null, body, prefix: '' }], account);
  }

  private async plan(drafts: readonly Draft[], account: number): Promise<Planned> {
    const errors = new FieldErrors();
    const plans = drafts.map((draft) => errors.collect(draft.prefix, () => this.check(draft)));
    errors.throwIfAny();
    const names = new Map(drafts.flatMap(({ id, name }) => (name === null ? [] : [[name, id]])));
    const references = drafts.flatMap(({ body, prefix }): Reference[] => (body.input ?? []).map((text) => ({ text, field: `${prefix}input` })));
    const idOf = await resolver(references, names, account, this.resources, errors);
    errors.throwIfAny();

    const sealer = new OptionSealer(this.masterKey);
    const contents = new Map<string, PlannedContent>();
    const tasks = drafts.map(({ id, name, body }, i): TaskPlan => {
      const { options, steps, secretFields, timeoutMs, content } = plans[i]!;
      if (content) contents.set(id, content);
      return {
        id,
        name,
        operation: body.operation,
        options: sealer.seal(id, options, secretFields),
        inputs: [...new Set((body.input ?? []).map(idOf))],
        steps,
        ignoreError: body.ignore_error,
        timeoutMs,
        retryOf: null,
      };
    });
    return { tasks, contents, wrappedKey: sealer.wrappedKey };
  }

  private check({ body }: Draft): Plan {
    const plan = this.catalog.plan(body.operation, body);
    const errors = new FieldErrors();
    for (const [field, value] of Object.entries(plan.options)) {
      if (!isStorable(value)) errors.add(field, `The ${field} holds characters that cannot be stored.`);
      // Only what was sealed here may look sealed.
      else if (isSealed(value) && !plan.secretFields.includes(field)) errors.add(field, `The ${field} is invalid.`);
    }
    errors.throwIfAny();
    return plan;
  }
}
