import { parseIdempotencyKey } from './idempotency.js';

test.each([
  ['"8e03978e-40d5-43e8-bc93-6894a57f9324"', '8e03978e-40d5-43e8-bc93-6894a57f9324'],
  ['8e03978e-40d5-43e8-bc93-6894a57f9324', '8e03978e-40d5-43e8-bc93-6894a57f9324'],
  ['"order 7, first try"', 'order 7, first try'],
  ['"a\\"b\\\\c"', 'a"b\\c'],
  ['dGVzdA==', 'dGVzdA=='],
  [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
])('%s is the key %s', (header, key) => {
  expect(parseIdempotencyKey(header)).toBe(key);
});

test.each(['', '""', '"', '"a', 'a"', '"a" "b"', '"a", "b"', 'two words', '"a\\b"', 'é', '"\t"', `"${'x'.repeat(256)}"`])(
  '%j is none',
  (header) => {
    expect(() => parseIdempotencyKey(header)).toThrow(expect.objectContaining({ status: 400, code: 'bad_request' }));
  },
);
