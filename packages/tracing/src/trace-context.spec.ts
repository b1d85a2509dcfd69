import { activeTrace, activeTraceparent, remoteSpan, sampledTrace } from './trace-context.js';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

test.each([
  [`00-${traceId}-${spanId}-01`, 1],
  [`00-${traceId}-${spanId}-00`, 0],
  // Flags of later versions are not for us.
  [`01-${traceId}-${spanId}-03`, 1],
])('%s names a span', (traceparent, traceFlags) => {
  expect(remoteSpan(traceparent)).toEqual({ traceId, spanId, traceFlags, isRemote: true });
});

test.each([
  undefined,
  null,
  '',
  'x',
  `ff-${traceId}-${spanId}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId}-${spanId}-01-more`,
  `00-${traceId}-${spanId}`,
])('%s names none', (traceparent) => {
  expect(remoteSpan(traceparent)).toBeUndefined();
});

test('what others say of the trace goes with it', () => {
  const span = remoteSpan(`00-${traceId}-${spanId}-01`, 'vendor=1,other=2');
  expect(span?.traceState?.serialize()).toBe('vendor=1,other=2');
});

test('where nothing is traced there is nothing to continue', () => {
  expect([activeTraceparent(), activeTrace(), sampledTrace()]).toEqual([undefined, undefined, undefined]);
});
