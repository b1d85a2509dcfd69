import { Module } from '@nestjs/common';
import { ActionCounter } from './action-counter.js';
import { AttemptMetrics } from './attempt-metrics.js';
import { JobRunner } from './job-runner.js';
import { SourceOfUrl } from './source-of-url.js';

@Module({
  providers: [ActionCounter, AttemptMetrics, JobRunner, SourceOfUrl],
  exports: [ActionCounter, JobRunner],
})
export class ProcessingModule {}
