import { channelNamed, jobChannels, taskChannels } from './channels';

const ID = '0b6f3c2e-1c1a-4a55-9a51-0d6a1f7f6c11';

it('knows the five kinds of channel', () => {
  expect(channelNamed(`private-job.${ID}`)).toEqual({ of: 'job', id: ID });
  expect(channelNamed(`private-job.${ID}.tasks`)).toEqual({ of: 'tasks of a job', id: ID });
  expect(channelNamed(`private-task.${ID}`)).toEqual({ of: 'task', id: ID });
  expect(channelNamed('private-user.7.jobs')).toEqual({ of: 'jobs of a user', account: 7 });
  expect(channelNamed('private-user.7.tasks')).toEqual({ of: 'tasks of a user', account: 7 });
});

it.each(['', 'private-job.', 'private-job.1', `private-job.${ID}.task`, `private-job.${ID.toUpperCase()}`, ` private-job.${ID}`, `private-task.${ID}\n`, 'private-user.0.jobs', 'private-user.1e3.jobs', 'private-user.-1.tasks', 'private-user.1234567890.jobs', '__proto__'])(
  'knows no channel %j',
  (name) => expect(channelNamed(name)).toBeUndefined(),
);

it('tells of jobs and tasks under names that can be subscribed to', () => {
  for (const name of [...jobChannels(ID, 7), ...taskChannels(ID, ID, 7)]) expect(channelNamed(name)).toBeDefined();
  expect(taskChannels(ID, null, 7)).toEqual([`private-task.${ID}`, 'private-user.7.tasks']);
});
