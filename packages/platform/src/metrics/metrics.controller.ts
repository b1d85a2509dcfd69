import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Controller, Get, Logger, Req, Res } from '@nestjs/common';
import { metrics } from '@tintype/metrics';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Request, Response } from 'express';
import { register } from 'prom-client';
import { contentTypes, expose, formatFor } from './exposition.js';
import type { CounterOf } from './typed.js';

const compress = promisify(gzip);

/** Answers scrapes. PrometheusModule says where. */
@Controller()
export class MetricsController {
  readonly #logger = new Logger(MetricsController.name);

  constructor(@InjectMetric(metrics.collectFailures.name) private readonly failures: CounterOf<typeof metrics.collectFailures>) {}

  @Get()
  async scrape(@Req() request: Request, @Res() response: Response): Promise<void> {
    const format = formatFor(request.get('accept'));
    const text = await expose(register, format, (metric, err) => {
      this.failures.inc({ metric });
      this.#logger.warn('metric could not be read', { metric, err });
    });
    response.set({ 'Content-Type': contentTypes[format], Vary: 'Accept, Accept-Encoding' });
    if (request.acceptsEncodings(['gzip', 'identity']) !== 'gzip') {
      response.send(text);
      return;
    }
    response.set('Content-Encoding', 'gzip');
    response.send(await compress(text));
  }
}
