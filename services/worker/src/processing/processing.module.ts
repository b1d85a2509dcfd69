import { Module } from '@nestjs/common';
import { ActionCounter } from './action-counter.js';
import { AttemptMetrics } from './attempt-metrics.js';
import { JobRunner } from './job-runner.js';

@Module({
  providers: [ActionCounter, AttemptMetrics, JobRunner],
  exports: [ActionCounter, JobRunner],
})
export class ProcessingModule {}
