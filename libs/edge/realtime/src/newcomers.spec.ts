import { Newcomers } from './newcomers';

function world() {
  const ended: string[] = [];
  const newcomers = new Newcomers<string>({ inAll: 4, perAddress: 2, withinMs: 60_000 }, (connection) => void ended.push(connection));
  return { ended, newcomers };
}

it('ends the oldest of an address that has too many, and nobody else', () => {
  const { ended, newcomers } = world();
  newcomers.admit('other', 'b');
  for (const name of ['1', '2', '3', '4']) newcomers.admit(name, 'a');
  expect([ended, newcomers.size]).toEqual([['1', '2'], 3]);
});

it('ends the oldest of all when there are too many of many addresses', () => {
  const { ended, newcomers } = world();
  for (const name of ['1', '2', '3', '4', '5', '6']) newcomers.admit(name, name);
  expect([ended, newcomers.size]).toEqual([['1', '2'], 4]);
});

it('counts nobody who has shown a key or is gone', () => {
  const { ended, newcomers } = world();
  newcomers.admit('1', 'a');
  newcomers.admit('2', 'a');
  newcomers.release('1');
  newcomers.release('1');
  newcomers.admit('3', 'a');
  expect(ended).toEqual([]);
  expect([newcomers.makeRoom(), newcomers.makeRoom(), newcomers.makeRoom(), newcomers.size]).toEqual([true, true, false, 0]);
  expect(ended).toEqual(['2', '3']);
});
