import { Controller, Get, Header, Inject, Res, VERSION_NEUTRAL } from '@nestjs/common';
import type { Response } from 'express';
import { HEALTH_OPTIONS, type HealthOptions } from './health-options.js';
import { Readiness, type ReadinessReport } from './readiness.js';

interface Status {
  readonly status: 'ok' | 'failed';
}

/** The probes of Kubernetes: 200 or 503. */
@Controller({ version: VERSION_NEUTRAL })
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    @Inject(HEALTH_OPTIONS) private readonly options: HealthOptions,
  ) {}

  @Get('livez')
  @Header('Cache-Control', 'no-store')
  live(@Res({ passthrough: true }) response: Response): Status {
    return answer(response, { status: (this.options.alive?.() ?? true) ? 'ok' : 'failed' });
  }

  @Get('startupz')
  @Header('Cache-Control', 'no-store')
  started(@Res({ passthrough: true }) response: Response): Status {
    return answer(response, { status: this.readiness.started ? 'ok' : 'failed' });
  }

  @Get('readyz')
  @Header('Cache-Control', 'no-store')
  async ready(@Res({ passthrough: true }) response: Response): Promise<ReadinessReport> {
    return answer(response, await this.readiness.report());
  }
}

function answer<Body extends { readonly status: string }>(response: Response, body: Body): Body {
  response.status(body.status === 'ok' ? 200 : 503);
  return body;
}
