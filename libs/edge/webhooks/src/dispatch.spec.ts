import type { Delivery, DeliveryOutcome, DeliveryShare } from '@millrace/job-store';
import { createLogger } from '@millrace/telemetry';
import { WebhookDispatch } from './dispatch';

const log = createLogger({ service: 'test', level: 'silent' });
const delivery = (id: string, account = 1, host = 'a'): Delivery => ({ id, stream: id, account, event: 'job.finished', url: `http://${host}/`, host, body: '{}', signingSecret: 's', trace: null, attempts: 1 });

/** Runs a dispatcher over these claims, one after the other, until it has been idle for `naps` naps. */
async function dispatch(claims: Delivery[][], outcome: DeliveryOutcome, naps: number, bounds: { perHost?: number; perAccount?: number } = {}) {
  const stop = new AbortController();
  const shares: DeliveryShare[] = [];
  const slept: number[] = [];
  const sent: string[] = [];
  const given: string[] = [];
  const dispatcher = new WebhookDispatch({
    deliveries: {
      claim: async (share) => (shares.push(share), claims.shift() ?? []),
      settle: async () => undefined,
      giveBack: async (id) => void given.push(id),
    },
    send: async ({ id }) => (sent.push(id), outcome),
    sleep: async (ms) => {
      slept.push(ms);
      if (slept.length === naps) stop.abort();
    },
    now: () => 1_000,
    log,
    ...bounds,
  });
  await dispatcher.run(stop.signal);
  return { shares, slept, sent, given };
}

it('looks again when a retry is due, not only when it polls', async () => {
  const { slept } = await dispatch([[delivery('x')]], { state: 'pending', status: 500, error: 'e', inMs: 300 }, 2);
  expect(slept.at(-1)).toBe(300);
});

it('polls where nothing of its own is due earlier', async () => {
  expect((await dispatch([[delivery('x')]], { state: 'pending', status: 500, error: 'e', inMs: 60_000 }, 2)).slept.at(-1)).toBe(2_000);
  expect((await dispatch([], { state: 'delivered', status: 200 }, 1)).slept).toEqual([2_000]);
});

it('gives back what is over the share of a host or an account, and asks for none of them while it is full', async () => {
  const claims = [[delivery('a1'), delivery('a2'), delivery('b1', 1, 'b'), delivery('c1', 2, 'c')]];
  const { shares, sent, given } = await dispatch(claims, { state: 'delivered', status: 200 }, 1, { perHost: 1, perAccount: 1 });
  expect([sent, given]).toEqual([['a1', 'c1'], ['a2', 'b1']]);
  expect(shares[1]).toMatchObject({ busyHosts: ['a', 'c'], busyAccounts: [1, 2] });
});
