import { Module } from '@nestjs/common';
import { AbandonedFiles } from './abandoned-files.js';
import { OrphanLoop } from './orphan-loop.js';
import { RetentionLoop } from './retention-loop.js';
import { UpkeepMetrics } from './upkeep-metrics.js';

/** Removes what is too old and what has no owner. */
@Module({ providers: [UpkeepMetrics, RetentionLoop, OrphanLoop, AbandonedFiles] })
export class UpkeepModule {}
