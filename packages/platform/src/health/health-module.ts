import { Module } from '@nestjs/common';
import { DependencyMetrics } from './dependency-metrics.js';
import { HealthController } from './health-controller.js';
import { HealthModuleBase } from './health-options.js';
import { Readiness } from './readiness.js';

export type { HealthCheck, HealthOptions } from './health-options.js';

/** `/livez`, `/readyz` and `/startupz`: `HealthModule.register({ checks })`, or `registerAsync` with injected dependencies. */
@Module({ controllers: [HealthController], providers: [Readiness, DependencyMetrics], exports: [Readiness] })
export class HealthModule extends HealthModuleBase {}
