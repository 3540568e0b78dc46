import type { EventType, JobEvent } from '@millrace/contracts';
import { type Failure, isFailure } from '@millrace/failures';
import type { Command } from '../command';
import { type Decide, decideWith } from '../decide';
import { asPlanned, type RoutePlanner } from '../route';
import { DEFAULT_RULES, type Rules } from '../rules';
import { type JobState, type TaskState, taskOf } from '../state';
import { STREAM, taskId } from './commands';
import { checkEvent, checkInvariants } from './invariants';

/** An event that is expected: its type, or its type with some of its data. */
type Expected = EventType | readonly [EventType, Record<string, unknown>];

/** One stream to which commands are given, with every invariant checked after each. */
export class Scenario {
  readonly log: JobEvent[] = [];
  state: JobState | null = null;

  private readonly decide: Decide;

  constructor(
    route: RoutePlanner = asPlanned,
    private readonly rules: Rules = DEFAULT_RULES,
  ) {
    this.decide = decideWith(route);
  }

  /** Decides and appends. Throws the Failure of a refused command, after which nothing has changed. */
  run(command: Command): readonly JobEvent[] {
    const before = JSON.stringify(this.state);
    const closed = this.state?.deleted || this.state?.expired;
    const { events, state } = this.decide(this.state, command, STREAM, this.rules);
    expect(JSON.stringify(this.state)).toBe(before);
    expect(this.decide(this.state, command, STREAM, this.rules).events).toEqual(events);
    events.forEach(checkEvent);
    if (closed) expect(events).toEqual([]);
    this.log.push(...events);
    this.state = state;
    if (state) checkInvariants(STREAM, this.log, state);
    return events;
  }

  /** Runs a command that may be refused. */
  attempt(command: Command): readonly JobEvent[] | Failure {
    try {
      return this.run(command);
    } catch (error) {
      if (isFailure(error)) return error;
      throw error;
    }
  }

  get job(): JobState {
    return this.state!;
  }

  task(n: number): TaskState {
    return taskOf(this.job, taskId(n));
  }
}

class Then {
  constructor(
    readonly scenario: Scenario,
    private readonly result: readonly JobEvent[] | Failure,
  ) {}

  /** Exactly these events, in this order. */
  then(...expected: Expected[]): Scenario {
    expect(isFailure(this.result) ? this.result.message : this.result.map(({ type }) => type)).toEqual(expected.map((event) => (typeof event === 'string' ? event : event[0])));
    expected.forEach((event, i) => {
      if (typeof event !== 'string') expect((this.result as readonly JobEvent[])[i]!.data).toMatchObject(event[1]);
    });
    return this.scenario;
  }

  refused(code: string, errors?: Record<string, readonly string[]>): Scenario {
    expect(isFailure(this.result) ? this.result.code : this.result).toBe(code);
    if (errors) expect((this.result as Failure).errors).toEqual(errors);
    return this.scenario;
  }
}

interface Given {
  readonly scenario: Scenario;
  when(command: Command): Then;
}

/** A stream to which `commands` were given already. */
export const given = (...commands: Command[]): Given => givenRoutes(asPlanned, ...commands);

/** As `given`, with another planner. */
export function givenRoutes(route: RoutePlanner, ...commands: Command[]): Given {
  const scenario = new Scenario(route);
  for (const command of commands) scenario.run(command);
  return { scenario, when: (command) => new Then(scenario, scenario.attempt(command)) };
}
