import { Injectable } from '@nestjs/common';
import { type LabelsOf, metrics } from '@tintype/metrics';
import type { CounterOf, GaugeOf } from '@tintype/platform';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Removal } from './remove-expired.js';

/** What Prometheus learns of the upkeep. */
@Injectable()
export class UpkeepMetrics {
  constructor(
    @InjectMetric(metrics.upkeepFilesDeleted.name) private readonly files: CounterOf<typeof metrics.upkeepFilesDeleted>,
    @InjectMetric(metrics.upkeepRecordsDeleted.name) private readonly records: CounterOf<typeof metrics.upkeepRecordsDeleted>,
    @InjectMetric(metrics.upkeepFailures.name) private readonly failures: CounterOf<typeof metrics.upkeepFailures>,
    @InjectMetric(metrics.upkeepLastSuccess.name) private readonly lastSuccess: GaugeOf<typeof metrics.upkeepLastSuccess>,
  ) {}

  removed({ kind, rows, files }: Removal): void {
    if (kind !== 'results') this.records.inc({ kind }, rows);
    this.filesDeleted('retention', files);
  }

  filesDeleted(reason: LabelsOf<typeof metrics.upkeepFilesDeleted>['reason'], number: number): void {
    this.files.inc({ reason }, number);
  }

  succeeded(task: LabelsOf<typeof metrics.upkeepLastSuccess>['task'], at = new Date()): void {
    this.lastSuccess.set({ task }, at.getTime() / 1000);
  }

  failed(task: LabelsOf<typeof metrics.upkeepFailures>['task']): void {
    this.failures.inc({ task });
  }
}
