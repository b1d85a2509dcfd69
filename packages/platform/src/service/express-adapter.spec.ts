import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Express } from 'express';
import { QuickExpressAdapter } from './express-adapter.js';

@Module({})
class EmptyModule {}

test('requests and responses are what Express wants before it handles them, so that it changes no prototype', async () => {
  const app = await NestFactory.create<NestExpressApplication>(EmptyModule, new QuickExpressAdapter(), { logger: false });
  const before: unknown[] = [];
  app.getHttpServer().prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    before.push(Object.getPrototypeOf(request), Object.getPrototypeOf(response));
  });
  const { request, response }: Express = app.getHttpAdapter().getInstance();
  app.use((_request: IncomingMessage, answer: { json(body: object): void }) => answer.json({ works: true }));
  await app.listen(0);
  try {
    const answer = await fetch(await app.getUrl());
    expect(await answer.json()).toEqual({ works: true });
    expect(before).toHaveLength(2);
    expect(before[0]).toBe(request);
    expect(before[1]).toBe(response);
  } finally {
    const closed = once(app.getHttpServer(), 'close');
    await Promise.all([app.close(), closed]);
  }
});
