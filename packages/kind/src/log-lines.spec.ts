import { logLines } from './log-lines.js';

const readable = logLines(false);

test('a record becomes a line of text after the pod that wrote it', () => {
  const record = {
    level: 'info',
    time: '2026-11-25T19:09:56.206Z',
    pid: 1,
    hostname: 'tintype-worker-68b7fcd459-2mz8p',
    service: 'worker',
    version: '0.1.0',
    jobId: '01a2141d',
    msg: 'job completed',
  };
  expect(readable(`[pod/tintype-worker-68b7fcd459-2mz8p/worker] ${JSON.stringify(record)}`)).toMatch(
    /^worker-68b7fcd459-2mz8p {2}\[\d\d:\d\d:\d\d\.206\] INFO: job completed \{"jobId":"01a2141d"\}\n$/,
  );
});

test('what is no record is shown as it is', () => {
  expect(readable('[pod/tintype-api-5c5b99945c-82zxg/api] Error: out of memory')).toBe(
    'api-5c5b99945c-82zxg     Error: out of memory\n',
  );
});
