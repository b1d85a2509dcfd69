import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import { describeApi } from './openapi.js';

/** The page is Swagger UI, whose scripts and styles come with this service: it needs no other host. */
const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

/** Serves `/openapi.json`, the page `/docs`, and leads `/` there. */
export function serveDocs(app: NestExpressApplication): void {
  app.use('/docs', (_request: Request, response: Response, next: NextFunction) => {
    response.set('Content-Security-Policy', pagePolicy);
    next();
  });
  SwaggerModule.setup('docs', app, () => describeApi(app), { jsonDocumentUrl: 'openapi.json', raw: ['json'] });
  app
    .getHttpAdapter()
    .getInstance()
    .get('/', (_request: Request, response: Response) => response.redirect('/docs'));
}
