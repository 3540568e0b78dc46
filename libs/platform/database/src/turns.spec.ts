import { Turns } from './turns';

it('lets as many in as there are turns, and the others in their order', async () => {
  const turns = new Turns(2, 10_000);
  const order: number[] = [];
  await Promise.all([turns.take(), turns.take()]);
  const third = turns.take().then(() => order.push(3));
  const fourth = turns.take().then(() => order.push(4));
  await Promise.resolve();
  expect(order).toEqual([]);
  turns.give();
  await third;
  turns.give();
  await fourth;
  expect(order).toEqual([3, 4]);
});

it('ends a wait that takes too long, and that waiter takes no turn later', async () => {
  const turns = new Turns(1, 5);
  await turns.take();
  await expect(turns.take()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  turns.give();
  await turns.take();
});
