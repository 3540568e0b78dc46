import { poppler } from './poppler';

const accepts = (option: string, value: unknown): boolean => poppler.options.safeParse({ [option]: value }).success;

describe('the options of poppler', () => {
  // THREATS E21: a password of 128 bytes ran over the stack of a PDF reader.
  it.each([
    ['a', true],
    ['x'.repeat(127), true],
    ['ü'.repeat(63), true],
    ['x'.repeat(128), false],
    ['ü'.repeat(64), false],
    ['x'.repeat(100_000), false],
    ['two\nlines', false],
    ['nul\0', false],
  ])('take the password %j: %s', (password, valid) => expect(accepts('password', password)).toBe(valid));

  it.each([
    ['1', true],
    ['1-3, 5 ,7-9', true],
    ['0', false],
    ['1-', false],
    ['1,,2', false],
    ['-1', false],
    ['a', false],
    ['1-3;rm', false],
    [`1${',1'.repeat(600)}`, false],
  ])('take the pages %j: %s', (pages, valid) => expect(accepts('pages', pages)).toBe(valid));
});
