/** A service for the spec of `runService`, which starts it as a process. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Controller,
  type DynamicModule,
  Get,
  Injectable,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
  Res,
} from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { HealthModule } from '../health/health-module.js';
import { MetricsModule } from '../metrics/metrics-module.js';
import { runService } from '../service/run-service.js';

const settings = {
  SAMPLE_PORT: z.int().min(0).max(65_535).default(0).meta({ description: 'Port of the sample' }),
  SAMPLE_TOKEN: z.string().meta({ description: 'Token of the sample', secret: true }),
  SAMPLE_FAULT: z.enum(['none', 'boot', 'close']).default('none'),
};

let beginClosing: () => void;
const closing = new Promise<void>((resolve) => (beginClosing = resolve));

@Controller()
class Sample {
  /** Is answered while the service closes its connections. */
  @Get('slow')
  async slow(@Res() response: Response) {
    response.write('begun, ');
    await closing;
    await delay(200);
    response.end('ended');
  }

  @Get('forget')
  forget() {
    void Promise.reject(new Error('nobody waits for this'));
  }
}

@Injectable()
class Faults implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown {
  static fault: string;

  onModuleInit() {
    if (Faults.fault === 'boot') throw new Error('no database');
  }

  beforeApplicationShutdown() {
    beginClosing();
  }

  async onApplicationShutdown() {
    if (Faults.fault === 'close') await delay(60_000);
  }
}

@Module({ controllers: [Sample], providers: [Faults] })
class SampleModule {
  static register(fault: string): DynamicModule {
    Faults.fault = fault;
    return {
      module: SampleModule,
      imports: [MetricsModule.register({ service: 'api', version: '0.0.0' }), HealthModule.register({ checks: {} })],
    };
  }
}

await runService({
  name: 'api',
  version: '0.0.0',
  settings,
  module: ({ SAMPLE_FAULT }) => SampleModule.register(SAMPLE_FAULT),
  port: ({ SAMPLE_PORT }) => SAMPLE_PORT,
});
