import { Global, Module } from '@nestjs/common';
import { createStorage } from '@tintype/storage';
import { SETTINGS, type WorkerSettings } from '../settings.js';

/** Injects the Storage. */
export const STORAGE = Symbol('STORAGE');

@Global()
@Module({
  providers: [{ provide: STORAGE, inject: [SETTINGS], useFactory: (settings: WorkerSettings) => createStorage(settings) }],
  exports: [STORAGE],
})
export class StorageModule {}
