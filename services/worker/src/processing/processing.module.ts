import { Module } from '@nestjs/common';
import { ActionCounter } from './action-counter.js';
import { AttemptMetrics } from './attempt-metrics.js';
import { EndMetrics } from './end-metrics.js';
import { ImageMetrics } from './image-metrics.js';
import { JobRunner } from './job-runner.js';
import { SourceOfUrl } from './source-of-url.js';

@Module({
  providers: [ActionCounter, AttemptMetrics, EndMetrics, ImageMetrics, JobRunner, SourceOfUrl],
  exports: [ActionCounter, EndMetrics, JobRunner],
})
export class ProcessingModule {}
