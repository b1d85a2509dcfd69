import { Writable } from 'node:stream';
import { createLogger } from './logger.js';
import { NestLogger } from './nest-logger.js';

function capture(format: 'json' | 'pretty' = 'json', level: 'info' | 'debug' = 'info') {
  let text = '';
  const destination = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const logger = createLogger({ LOG_FORMAT: format, LOG_LEVEL: level }, { service: 'api', version: '1.2.3', destination });
  const lines = () =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { logger, lines, text: () => text };
}

describe('createLogger', () => {
  test('writes one JSON object for each line', () => {
    const { logger, lines } = capture();
    logger.child({ job_id: '7' }).info({ attempt: 2 }, 'job started');
    logger.debug('unseen');
    expect(lines()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        service: 'api',
        version: '1.2.3',
        job_id: '7',
        attempt: 2,
        msg: 'job started',
      },
    ]);
  });

  test('leaves out credentials wherever they stand', () => {
    const { logger, text } = capture();
    const canary = 'c4nary';
    logger.info({ headers: { authorization: canary, cookie: canary, 'x-api-key': canary }, token: canary }, 'one');
    logger.child({ password: canary }).warn({ url: `/v1/jobs?signature=${canary}` }, 'two');
    logger.info({ request: { headers: { 'set-cookie': canary } } }, 'three');
    logger.error({ err: new Error(`connect postgres://tintype:${canary}@db/tintype failed`) }, 'four');
    logger.error({ err: Object.assign(new Error('no'), { parameters: [`whsec_${canary}+/=`] }) }, 'five');
    expect(text()).toContain('four');
    expect(text()).toContain('"whsec_[redacted]"');
    expect(text()).toContain('"url":"/v1/jobs"');
    expect(text()).toContain('postgres://[redacted]@db/tintype');
    expect(text()).not.toContain(canary);
  });

  test('keeps what an error says, with its cause', () => {
    const { logger, lines } = capture();
    logger.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed');
    expect(lines()[0]?.['err']).toMatchObject({
      type: 'Error',
      message: 'outer',
      stack: expect.any(String),
      cause: { message: 'inner' },
    });
  });

  test('writes text for people, with the same things left out', () => {
    const { logger, text } = capture('pretty');
    logger.info({ token: 'c4nary', url: '/v1/jobs?c4nary' }, 'job started');
    expect(text()).toMatch(/INFO.*job started/);
    expect(text()).not.toContain('c4nary');
  });
});

describe('NestLogger', () => {
  test('writes with the context and the fields that Nest passes', () => {
    const { logger, lines } = capture();
    const nest = new NestLogger(logger);
    nest.log('started', 'Jobs');
    nest.warn('slow', { ms: 7 }, 'Jobs');
    nest.error(new Error('broken'), 'Jobs');
    nest.error('broken', 'Error: broken\n    at somewhere', 'Jobs');
    expect(lines()).toMatchObject([
      { level: 'info', msg: 'started', context: 'Jobs' },
      { level: 'warn', msg: 'slow', context: 'Jobs', ms: 7 },
      { level: 'error', msg: 'broken', context: 'Jobs', err: { message: 'broken', stack: expect.any(String) } },
      { level: 'error', msg: 'broken', context: 'Jobs', stack: expect.stringContaining('somewhere') },
    ]);
  });

  test("keeps Nest's talk about modules and routes for debugging", () => {
    const { logger, lines } = capture('json', 'debug');
    new NestLogger(logger).log('Mapped {/livez, GET} route', 'RouterExplorer');
    expect(lines()).toMatchObject([{ level: 'debug', context: 'RouterExplorer' }]);
  });
});
