import { Global, Module } from '@nestjs/common';
import { StorageMetrics } from '@tintype/platform';
import { createStorage, MeasuredStorage } from '@tintype/storage';
import { API_SETTINGS, type ApiSettings } from '../settings.js';

/** Injection token of the Storage. */
export const STORAGE = Symbol('STORAGE');

@Global()
@Module({
  providers: [
    {
      provide: STORAGE,
      inject: [API_SETTINGS, StorageMetrics],
      useFactory: async (settings: ApiSettings, observer: StorageMetrics) =>
        new MeasuredStorage(await createStorage(settings), observer),
    },
  ],
  exports: [STORAGE],
})
export class StorageModule {}
