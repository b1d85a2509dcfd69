import { parsePrefer } from './prefer.js';

test.each([
  ['wait=10', 10],
  ['respond-async, wait=10', 10],
  ['wait="5"', 5],
  ['handling=lenient; wait=3, WAIT = 7', 7],
  ['wait=2, wait=9', 2],
])('%s asks to wait', (header, waitSeconds) => {
  expect(parsePrefer(header)).toEqual({ waitSeconds });
});

test.each([undefined, '', 'respond-async', 'wait', 'wait=', 'wait=soon', 'wait=-1', 'wait=1e9', 'return=minimal, x-wait=3'])(
  '%s asks for nothing',
  (header) => {
    expect(parsePrefer(header)).toEqual({});
  },
);
