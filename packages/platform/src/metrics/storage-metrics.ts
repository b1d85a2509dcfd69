import { Injectable } from '@nestjs/common';
import { type LabelsOf, metrics } from '@tintype/metrics';
import { drawSpan, SpanKind } from '@tintype/tracing';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { CounterOf, HistogramOf } from './typed.js';

type Operation = 'put' | 'get' | 'stat' | 'delete' | 'list' | 'check';
type Reason = LabelsOf<typeof metrics.storageErrors>['reason'];

/** Counts what the storage does, and shows it in traces: an observer for `MeasuredStorage`. */
@Injectable()
export class StorageMetrics {
  constructor(
    @InjectMetric(metrics.storageDuration.name) private readonly duration: HistogramOf<typeof metrics.storageDuration>,
    @InjectMetric(metrics.storageErrors.name) private readonly errors: CounterOf<typeof metrics.storageErrors>,
  ) {}

  ended(operation: Operation, seconds: number): void {
    this.duration.observe({ operation: labelOf(operation) }, seconds);
    drawSpan(`storage ${operation}`, seconds, { kind: SpanKind.CLIENT, attributes: { 'tintype.storage.operation': operation } });
  }

  failed(operation: Operation, reason: Reason): void {
    this.errors.inc({ operation: labelOf(operation), reason });
  }
}

/** What is no part of the way of a job is not told apart: each would be as many series again. */
function labelOf(operation: Operation): LabelsOf<typeof metrics.storageDuration>['operation'] {
  return operation === 'put' || operation === 'get' ? operation : 'other';
}
