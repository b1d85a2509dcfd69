import { Global, Module } from '@nestjs/common';
import { StorageMetrics } from '@tintype/platform';
import { createStorage, MeasuredStorage } from '@tintype/storage';
import { SETTINGS, type WorkerSettings } from '../settings.js';

/** Injects the Storage. */
export const STORAGE = Symbol('STORAGE');

@Global()
@Module({
  providers: [
    {
      provide: STORAGE,
      inject: [SETTINGS, StorageMetrics],
      useFactory: async (settings: WorkerSettings, observer: StorageMetrics) =>
        new MeasuredStorage(await createStorage(settings), observer),
    },
  ],
  exports: [STORAGE],
})
export class StorageModule {}
