import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import type { NestApplicationOptions } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Express } from 'express';

/** How long after its time a request that has not arrived is given up, at most, in milliseconds. Node's own is half a minute. */
const connectionsCheckingInterval = 2_000;

/**
 * Express changes the prototypes of every request and response when it comes to handle them. To the engine each is then an object
 * of a kind never seen before, for which no code is optimised: measured, that is more than half of what Express costs. Here they
 * are made with the prototypes that Express wants, and it finds nothing to change.
 */
export class QuickExpressAdapter extends ExpressAdapter {
  override initHttpServer(options: NestApplicationOptions): void {
    super.initHttpServer(options);
    const app: Express = this.getInstance();
    class ExpressRequest extends IncomingMessage {}
    class ExpressResponse extends ServerResponse {}
    app.request = inheriting(ExpressRequest.prototype, app.request);
    app.response = inheriting(ExpressResponse.prototype, app.response);
    this.httpServer = createServer(
      { IncomingMessage: ExpressRequest, ServerResponse: ExpressResponse, connectionsCheckingInterval },
      app,
    );
  }
}

function inheriting<Prototype extends object>(prototype: object, from: Prototype): Prototype {
  return Object.setPrototypeOf(prototype, from) as Prototype;
}
