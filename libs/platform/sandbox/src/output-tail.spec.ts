import { LineSplitter, OutputTail } from './output-tail';

test('a tail keeps the last bytes only', () => {
  const tail = new OutputTail(4);
  for (const piece of ['ab', 'cdefghijk', 'l', 'm']) tail.push(Buffer.from(piece));
  expect(tail.toString()).toBe('jklm');
  tail.push(Buffer.from('n'));
  expect(tail.toString()).toBe('klmn');
});

test('lines are cut across chunks and characters, and a long one comes in pieces', () => {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line), 5);
  const bytes = Buffer.from('one\r\ntw\u00f6\n\nabcdefghijkl');
  for (const byte of bytes) splitter.push(Buffer.from([byte]));
  splitter.end();
  expect(lines).toEqual(['one', 'twö', '', 'abcde', 'fghij', 'kl']);
});
