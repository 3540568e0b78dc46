import { parseHostList } from './host-list';

describe('parseHostList', () => {
  it('matches names, for all ports or one', () => {
    const list = parseHostList(['Intranet.Example.', 'files.example:8080']);
    expect(list.hasName('intranet.example', 1)).toBe(true);
    expect(list.hasName('INTRANET.example.', 1)).toBe(true);
    expect(list.hasName('sub.intranet.example', 1)).toBe(false);
    expect([list.hasName('files.example', 8080), list.hasName('files.example', 80)]).toEqual([true, false]);
  });

  it('matches addresses and networks', () => {
    const list = parseHostList(['10.0.0.0/8', '127.0.0.1:9000', 'fd00::/8', '[fd12::1]:81', '::1']);
    expect([list.hasAddress('10.9.9.9', 1), list.hasAddress('11.0.0.1', 1)]).toEqual([true, false]);
    expect([list.hasAddress('127.0.0.1', 9000), list.hasAddress('127.0.0.1', 9001), list.hasAddress('127.0.0.2', 9000)]).toEqual([true, false, false]);
    expect([list.hasAddress('fd99::1', 1), list.hasAddress('::1', 1), list.hasAddress('::2', 1)]).toEqual([true, true, false]);
  });

  it('does not take IPv4-mapped IPv6 for the IPv4 it maps', () => {
    const list = parseHostList(['127.0.0.0/8']);
    expect(list.hasAddress('::ffff:127.0.0.1', 1)).toBe(false);
    expect(list.hasAddress('127.0.0.1', 1)).toBe(true);
  });

  it.each(['', 'a b', '10.0.0.0/33', 'fd00::/129', 'name/8', 'http://x', '[::1', 'x:y', '*.example'])('refuses %p', (entry) => {
    expect(() => parseHostList([entry])).toThrow(/is no host/);
  });
});
