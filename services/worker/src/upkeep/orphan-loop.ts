import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Orphans, UpkeepTurns } from '@tintype/jobs';
import { LoopProvider } from '@tintype/platform';
import type { Storage } from '@tintype/storage';
import { STORAGE } from '../storage/storage.module.js';
import { orphanAge, sweepOrphans } from './sweep-orphans.js';
import { UpkeepMetrics } from './upkeep-metrics.js';

const task = 'orphans';
const everySeconds = 6 * 3_600;
/** How often each worker looks whether it is time. */
const lookEveryMs = 10 * 60_000;
/** Between a thousand files and the next. */
const pauseMs = 500;

/** Deletes files that belong to nothing. One worker at a time does it for all, as it reads the whole list of the storage. */
@Injectable()
export class OrphanLoop extends LoopProvider {
  constructor(
    private readonly orphans: Orphans,
    private readonly turns: UpkeepTurns,
    @Inject(STORAGE) private readonly storage: Storage,
    private readonly metrics: UpkeepMetrics,
  ) {
    super({ name: 'orphans', everyMs: lookEveryMs, onFailure: () => metrics.failed('orphans') });
  }

  protected async round(signal: AbortSignal): Promise<boolean> {
    const { taken, succeededAt } = await this.turns.take(task, everySeconds);
    if (succeededAt) this.metrics.succeeded('orphans', succeededAt);
    if (!taken) return false;
    try {
      await this.#sweep(signal);
    } catch (error) {
      await this.turns.giveUp(task).catch(() => undefined);
      throw error;
    }
    await this.turns.succeeded(task);
    this.metrics.succeeded('orphans');
    return false;
  }

  async #sweep(signal: AbortSignal): Promise<void> {
    let [files, strangers] = [0, 0];
    for await (const swept of sweepOrphans(this.orphans, this.storage, orphanAge)) {
      this.metrics.filesDeleted('orphan', swept.deleted);
      files += swept.deleted;
      strangers += swept.strangers;
      await this.turns.stillActive(task);
      await sleep(pauseMs, undefined, { signal });
    }
    if (files > 0) this.logger.log('files that belonged to nothing deleted', { files });
    if (strangers > 0) this.logger.warn('files in the storage that are not ours, left alone', { files: strangers });
  }
}
