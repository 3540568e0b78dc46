import fc from 'fast-check';
import { isFailure } from '@millrace/failures';
import { signUrl } from './signed-url';
import { signTicket, verifyTicket } from './ticket';

const SECRET = 'a secret of the installation';
const EXPIRES = new Date('2026-03-01T12:00:00.900Z');
const NOW = new Date('2026-03-01T11:59:59Z');
const payload = { task: 'b6b0', run: 'r1', maxBytes: 5_000_000_000, name: 'ünï.pdf' };
const ticket = signTicket(SECRET, payload, EXPIRES);

function outcome(token: string, secret = SECRET, now = NOW): unknown {
  try {
    return verifyTicket(secret, token, now);
  } catch (error) {
    return isFailure(error) ? error.code : error;
  }
}

describe('a ticket', () => {
  it('gives its payload back', () => {
    expect(outcome(ticket)).toEqual(payload);
  });

  it('expires on the whole second', () => {
    expect(outcome(ticket, SECRET, new Date('2026-03-01T11:59:59.999Z'))).toEqual(payload);
    expect(outcome(ticket, SECRET, new Date('2026-03-01T12:00:00Z'))).toBe('GONE');
  });

  it('is refused under another secret and accepted under the former one in a rotation', () => {
    expect(outcome(ticket, 'another secret')).toBe('FORBIDDEN');
    expect(verifyTicket(['new', SECRET], ticket, NOW)).toEqual(payload);
  });

  it('is refused with a part missing, added, or borrowed', () => {
    const [body, id, sig] = ticket.split('.') as [string, string, string];
    const other = signTicket(SECRET, { ...payload, task: 'b6b1' }, EXPIRES).split('.') as [string, string, string];
    const link = signUrl(SECRET, { method: 'GET', path: '/', expiresAt: EXPIRES });
    const tokens = ['', '..', body, `${body}.${id}`, `${body}.${id}.`, `.${id}.${sig}`, `${ticket}.x`, `${ticket}=`, `${ticket}\n`, `${other[0]}.${id}.${sig}`, `${body}.${id}.${other[2]}`, `${body}.${id}.${link.slice(-43)}`];
    expect(tokens.map((token) => outcome(token))).toEqual(tokens.map(() => 'FORBIDDEN'));
  });

  it('is never accepted after a mutation', () => {
    const mutation = fc.tuple(fc.nat(ticket.length), fc.nat(3), fc.oneof(fc.string({ maxLength: 3 }), fc.stringMatching(/^[A-Za-z0-9_.-]{0,3}$/)));
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
        const changed = mutations.reduce((text, [at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut), ticket);
        fc.pre(changed !== ticket);
        expect(outcome(changed)).toBe('FORBIDDEN');
      }),
      { numRuns: 5000 },
    );
  });
});
