import type { JobState } from '@millrace/job-domain';
import { KnownFolds } from './known-folds';

const fold = (version: number, tasks = 1) => ({ version, state: { order: Array.from({ length: tasks }, String) } as unknown as JobState });

it('keeps the latest fold of a stream, whatever order they come in', () => {
  const folds = new KnownFolds();
  folds.put('a', fold(7));
  folds.put('a', fold(5));
  expect(folds.get('a')?.version).toBe(7);
  folds.put('a', fold(9));
  expect(folds.get('a')?.version).toBe(9);
});

it('holds so many tasks at most, and lets go what was not used for longest', () => {
  const folds = new KnownFolds(10);
  for (const name of ['a', 'b', 'c']) folds.put(name, fold(1, 3));
  folds.put('a', fold(2, 3));
  folds.put('d', fold(1, 3));
  expect(['a', 'b', 'c', 'd'].filter((name) => folds.get(name))).toEqual(['a', 'c', 'd']);
  folds.put('large', fold(1, 11));
  expect(['a', 'b', 'c', 'd', 'large'].filter((name) => folds.get(name))).toEqual([]);
});

it('forgets what it is told to', () => {
  const folds = new KnownFolds(3);
  folds.put('a', fold(1, 3));
  folds.drop('a');
  folds.drop('a');
  folds.put('b', fold(1, 3));
  expect([folds.get('a'), folds.get('b')?.version]).toEqual([undefined, 1]);
});
