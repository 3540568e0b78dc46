import { subjectMatches } from './subject-match';

it.each([
  ['task.report', 'task.report', true],
  ['task.report', 'task.reports', false],
  ['task.claim.*', 'task.claim.sharp', true],
  ['task.claim.*', 'task.claim.sharp.x', false],
  ['task.claim.*', 'task.claim', false],
  ['events.>', 'events.x.1.j', true],
  ['events.>', 'events', false],
  ['events.*.1.>', 'events.x.2.j', false],
  ['>', 'anything', true],
])('%s hears %s: %s', (pattern, subject, heard) => {
  expect(subjectMatches(pattern, subject)).toBe(heard);
});
