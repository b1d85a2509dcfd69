import {
  BadRequestException,
  Body,
  Controller,
  ForbiddenException,
  Get,
  Post,
  Res,
  ServiceUnavailableException,
} from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Response } from 'express';
import { Writable } from 'node:stream';
import request from 'supertest';
import { createLogger } from '../logging/logger.js';
import { requestMiddleware } from '../requests/middleware.js';
import { Problem } from './problem.js';
import { ProblemFilter } from './problem-filter.js';

@Controller()
class Failing {
  @Get('problem')
  problem() {
    throw new Problem({
      code: 'queue_full',
      status: 503,
      title: 'The queue is full',
      detail: 'There are 1000 jobs.',
      errors: [{ pointer: '/outputs/0', code: 'duplicate_name', detail: 'is used twice' }],
      headers: { 'Retry-After': '5' },
    });
  }

  @Get('unknown')
  unknown() {
    throw new TypeError('the secret is c4nary');
  }

  @Get('no-error')
  noError() {
    throw 'c4nary';
  }

  @Get('forbidden')
  forbidden() {
    throw new ForbiddenException('Not yours.');
  }

  @Get('unavailable')
  unavailable() {
    throw new ServiceUnavailableException('c4nary');
  }

  @Get('bad')
  bad() {
    throw new BadRequestException();
  }

  @Post('json')
  json(@Body() body: unknown) {
    return { body };
  }

  @Get('half')
  half(@Res() response: Response) {
    response.setHeader('Content-Length', '1000').write('half of it');
    throw new Error('the rest is missing');
  }

  @Get('typed')
  typed(@Res() response: Response) {
    response
      .setHeader('Content-Type', 'image/png')
      .setHeader('Content-Length', '4')
      .setHeader('Content-Disposition', 'attachment');
    throw new Error('no image');
  }
}

describe('ProblemFilter', () => {
  let app: NestExpressApplication;
  let log = '';

  beforeAll(async () => {
    const destination = new Writable({
      write(chunk, _encoding, done) {
        log += String(chunk);
        done();
      },
    });
    const logger = createLogger({ LOG_LEVEL: 'info', LOG_FORMAT: 'json' }, { service: 'api', destination });
    const module = await Test.createTestingModule({ controllers: [Failing] }).compile();
    app = module.createNestApplication<NestExpressApplication>({ logger: false });
    app.use(requestMiddleware({ logger }));
    app.useGlobalFilters(
      new ProblemFilter(logger, { method_not_allowed: { title: 'Not this method' }, not_found: { title: 'Nothing is here' } }),
    );
    await app.listen(0, '127.0.0.1');
  });
  beforeEach(() => (log = ''));
  afterAll(() => app.close());

  const get = (path: string) => request(app.getHttpServer()).get(path).set('X-Request-Id', 'r-1');

  test('answers a problem as RFC 9457 says', async () => {
    const response = await get('/problem');
    expect(response.status).toBe(503);
    expect(response.headers).toMatchObject({
      'content-type': expect.stringMatching(/^application\/problem\+json\b/),
      'retry-after': '5',
    });
    expect(response.body).toEqual({
      type: 'urn:tintype:problem:queue_full',
      title: 'The queue is full',
      status: 503,
      code: 'queue_full',
      detail: 'There are 1000 jobs.',
      errors: [{ pointer: '/outputs/0', code: 'duplicate_name', detail: 'is used twice' }],
      request_id: 'r-1',
    });
  });

  test.each(['/unknown', '/no-error'])('tells the client nothing of the unexpected error of %s, and logs it', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(500);
    expect(response.body).toEqual({
      type: 'urn:tintype:problem:internal',
      title: 'Internal Server Error',
      status: 500,
      code: 'internal',
      request_id: 'r-1',
    });
    const line = log.split('\n').find((entry) => entry.includes('request failed'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ level: 'error', request_id: 'r-1', code: 'internal' });
    expect(line).toContain('c4nary');
  });

  test('gives the exceptions of Nest a code by their status, and a title where there is one', async () => {
    expect((await get('/forbidden')).body).toMatchObject({
      status: 403,
      code: 'forbidden',
      title: 'Forbidden',
      detail: 'Not yours.',
    });
    expect((await get('/bad')).body).toEqual({ ...(await get('/bad')).body, status: 400, code: 'bad_request' });
    expect((await get('/bad')).body).not.toHaveProperty('detail');
    expect((await get('/nowhere')).body).toMatchObject({ status: 404, code: 'not_found', title: 'Nothing is here' });
    const unavailable = await get('/unavailable');
    expect(unavailable.body).toMatchObject({ status: 503, code: 'service_unavailable' });
    expect(unavailable.text).not.toContain('c4nary');
  });

  test('answers a body that is no JSON, or is too large', async () => {
    const malformed = await request(app.getHttpServer()).post('/json').type('json').send('{"a":');
    expect(malformed.body).toMatchObject({ status: 400, code: 'bad_request' });
    const large = await request(app.getHttpServer())
      .post('/json')
      .send({ text: 'x'.repeat(200_000) });
    expect(large.body).toMatchObject({ status: 413, code: 'payload_too_large' });
    expect(large.type).toBe('application/problem+json');
    expect(log).not.toContain('request failed');
  });

  test('breaks an answer off that has begun', async () => {
    await expect(get('/half')).rejects.toThrow(/aborted|hang up|ECONNRESET/);
    expect(log).toContain('the rest is missing');
  });

  test('drops what described the answer that was meant', async () => {
    const response = await get('/typed');
    expect(response.type).toBe('application/problem+json');
    expect(response.headers).not.toHaveProperty('content-disposition');
    expect(response.body.code).toBe('internal');
  });
});
