import { runsOf, selectPages } from './pages';

describe('selectPages', () => {
  it.each([
    ['all', undefined, 3, [1, 2, 3]],
    ['one', '2', 3, [2]],
    ['ranges and pages', ' 1 - 3 , 5', 9, [1, 2, 3, 5]],
    ['the order asked for', '5,1-2', 9, [5, 1, 2]],
    ['each once', '1-3,2-4,3', 9, [1, 2, 3, 4]],
    ['what is there of a range', '2-9', 3, [2, 3]],
    ['what is there of a list', '1,99', 3, [1]],
  ])('takes %s', (_, selection, total, pages) => expect(selectPages(selection, total, 10)).toEqual(pages));

  it.each(['', '0', '0-2', '3-1', '1-', '-1', 'a', '1;2', '1,,2', '1 2', '1e3', '12345678'])('refuses %j', (selection) => {
    expect(() => selectPages(selection, 3, 10)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', publicMessage: expect.stringContaining('1-3,5') }));
  });

  it('refuses pages that are not there, and too many', () => {
    expect(() => selectPages('4-5', 3, 10)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', publicMessage: expect.stringContaining('has 3') }));
    expect(() => selectPages(undefined, 11, 10)).toThrow(expect.objectContaining({ code: 'LIMIT_EXCEEDED', publicMessage: expect.stringContaining('10 pages') }));
    expect(() => selectPages('1-9999999', 9_999_999, 10)).toThrow('LIMIT_EXCEEDED');
    expect(selectPages('1-9999999', 10, 10)).toHaveLength(10);
  });
});

it('runs hold neighbours that are alike, so many at most', () => {
  expect(runsOf([1, 2, 3, 4, 7, 8, 3], 3)).toEqual([{ first: 1, last: 3 }, { first: 4, last: 4 }, { first: 7, last: 8 }, { first: 3, last: 3 }]);
  expect(runsOf([1, 2, 3, 4], 9, (a, b) => a < 3 === b < 3)).toEqual([{ first: 1, last: 2 }, { first: 3, last: 4 }]);
  expect(runsOf([2, 1], 9)).toEqual([{ first: 2, last: 2 }, { first: 1, last: 1 }]);
});
