import { SCOPES } from '@millrace/contracts';
import { parseCommand } from './arguments';

it('reads commands', () => {
  expect(parseCommand([])).toEqual({ verb: 'help' });
  expect(parseCommand(['create', '--help'])).toEqual({ verb: 'help' });
  expect(parseCommand(['create', '--name', 'ci', '--scopes', 'task.read, task.write', '--json'])).toEqual({
    verb: 'create', name: 'ci', scopes: ['task.read', 'task.write'], email: 'admin@localhost', json: true,
  });
  expect(parseCommand(['create'])).toMatchObject({ scopes: SCOPES, json: false });
  expect(parseCommand(['list'])).toEqual({ verb: 'list', json: false });
  expect(parseCommand(['show', '--json'])).toEqual({ verb: 'show', json: true });
  expect(parseCommand(['show', '--email', 'a@b'])).toEqual({ verb: 'show', email: 'a@b', json: false });
  expect(parseCommand(['revoke', 'abcdefgh'])).toEqual({ verb: 'revoke', key: 'abcdefgh', json: false });
});

it.each([[['revoke']], [['nonsense']], [['list', 'x']], [['create', '--scopes', 'task.read,all']], [['create', '--email', 'x']], [['show', 'x']], [['show', '--email', 'x']], [['create', '--key', 'short']], [['create', '--what']]])(
  'refuses %j',
  (argv) => {
    expect(() => parseCommand(argv)).toThrow();
  },
);
