import { Inject, Injectable } from '@nestjs/common';
import { LoopProvider } from '@tintype/platform';
import type { Storage } from '@tintype/storage';
import { STORAGE } from '../storage/storage.module.js';
import { UpkeepMetrics } from './upkeep-metrics.js';

const everyMs = 3_600_000;
/** No upload and no job takes so long. */
export const abandonedAgeMs = 24 * 3_600_000;

/** Removes the unfinished files and scratch directories of processes that were killed. */
@Injectable()
export class AbandonedFiles extends LoopProvider {
  constructor(
    @Inject(STORAGE) private readonly storage: Storage,
    private readonly metrics: UpkeepMetrics,
  ) {
    super({ name: 'abandoned files', everyMs, onFailure: () => metrics.failed('abandoned') });
  }

  protected async round(): Promise<boolean> {
    const removed = await this.storage.removeAbandoned(abandonedAgeMs);
    this.metrics.filesDeleted('abandoned', removed);
    this.metrics.succeeded('abandoned');
    if (removed > 0) this.logger.log('abandoned files removed', { files: removed });
    return false;
  }
}
