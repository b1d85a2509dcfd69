import { noneMatch, parseRange, rangeApplies } from './conditional.js';

describe('noneMatch', () => {
  test.each([
    [undefined, true],
    ['"b"', true],
    ['"a"', false],
    ['W/"a"', false],
    ['"x", "a"', false],
    ['*', false],
    ['a', true],
  ])('If-None-Match: %s for the version "a" is %s', (header, expected) => {
    expect(noneMatch(header, '"a"')).toBe(expected);
  });
});

describe('parseRange', () => {
  test.each([
    ['bytes=0-3', { start: 0, end: 3 }],
    ['bytes=4-', { start: 4, end: 9 }],
    ['bytes=9-9', { start: 9, end: 9 }],
    ['bytes=5-100', { start: 5, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-100', { start: 0, end: 9 }],
    ['Bytes = 2-4', { start: 2, end: 4 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    [undefined, undefined],
    ['bytes=-', undefined],
    ['bytes=4-3', undefined],
    ['bytes=0-1,3-4', undefined],
    ['items=0-3', undefined],
    ['bytes=a-b', undefined],
  ])('Range: %s of 10 bytes', (header, expected) => {
    expect(parseRange(header, 10)).toEqual(expected);
  });

  test('of nothing, no range can be had', () => {
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
    expect(parseRange('bytes=-1', 0)).toBe('unsatisfiable');
  });
});

test('a range applies without If-Range, and with the same strong entity tag only', () => {
  expect(rangeApplies(undefined, '"a"')).toBe(true);
  expect(rangeApplies('"a"', '"a"')).toBe(true);
  expect(rangeApplies('"b"', '"a"')).toBe(false);
  expect(rangeApplies('W/"a"', '"a"')).toBe(false);
  expect(rangeApplies('Wed, 21 Oct 2026 07:28:00 GMT', '"a"')).toBe(false);
});
