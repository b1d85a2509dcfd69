import type { NextFunction, Request, Response } from 'express';

/** For an API that is no web page: nothing of it may be run, framed or guessed at. A route may set its own over these. */
const headers = {
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

export function securityHeaders(_request: Request, response: Response, next: NextFunction): void {
  response.set(headers);
  next();
}
