const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const JOB = new RegExp(`^private-job\\.(${UUID})(\\.tasks)?$`);
const TASK = new RegExp(`^private-task\\.(${UUID})$`);
const USER = /^private-user\.([1-9]\d{0,8})\.(jobs|tasks)$/;

/** What a channel tells of; contract §10. */
export type Channel =
  | { readonly of: 'job' | 'tasks of a job'; readonly id: string }
  | { readonly of: 'task'; readonly id: string }
  | { readonly of: 'jobs of a user' | 'tasks of a user'; readonly account: number };

/** The channel with this name, or undefined when there is no such name. */
export function channelNamed(name: string): Channel | undefined {
  const job = JOB.exec(name);
  if (job) return { of: job[2] === undefined ? 'job' : 'tasks of a job', id: job[1]! };
  const task = TASK.exec(name);
  if (task) return { of: 'task', id: task[1]! };
  const user = USER.exec(name);
  return user ? { of: user[2] === 'jobs' ? 'jobs of a user' : 'tasks of a user', account: Number(user[1]) } : undefined;
}

/** The names under which what happens to a job is told. */
export const jobChannels = (job: string, account: number): string[] => [`private-job.${job}`, `private-user.${account}.jobs`];

/** The names under which what happens to a task is told; `job` is null for a standalone one. */
export const taskChannels = (task: string, job: string | null, account: number): string[] => [
  ...(job === null ? [] : [`private-job.${job}.tasks`]),
  `private-task.${task}`,
  `private-user.${account}.tasks`,
];
