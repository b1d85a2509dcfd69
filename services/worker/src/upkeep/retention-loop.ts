import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Retention } from '@tintype/jobs';
import { LoopProvider } from '@tintype/platform';
import type { Storage } from '@tintype/storage';
import { SETTINGS, type WorkerSettings } from '../settings.js';
import { STORAGE } from '../storage/storage.module.js';
import { removeExpired } from './remove-expired.js';
import { agesOf } from './retention-settings.js';
import { UpkeepMetrics } from './upkeep-metrics.js';

const everyMs = 60_000;
/** Between a few rows and the next, so that jobs go first where there is much to remove. */
const pauseMs = 200;

/** Removes what is too old. It may run in every worker, as they leave each other's rows alone. */
@Injectable()
export class RetentionLoop extends LoopProvider {
  constructor(
    private readonly retention: Retention,
    @Inject(STORAGE) private readonly storage: Storage,
    @Inject(SETTINGS) private readonly settings: WorkerSettings,
    private readonly metrics: UpkeepMetrics,
  ) {
    super({ name: 'retention', everyMs, onFailure: () => metrics.failed('retention') });
  }

  protected async round(signal: AbortSignal): Promise<boolean> {
    for await (const removal of removeExpired(this.retention, this.storage, agesOf(this.settings))) {
      this.metrics.removed(removal);
      await sleep(pauseMs, undefined, { signal });
    }
    this.metrics.succeeded('retention');
    return false;
  }
}
