import { Global, Module } from '@nestjs/common';
import { createStorage } from '@tintype/storage';
import { API_SETTINGS, type ApiSettings } from '../settings.js';

/** Injection token of the Storage. */
export const STORAGE = Symbol('STORAGE');

@Global()
@Module({
  providers: [{ provide: STORAGE, inject: [API_SETTINGS], useFactory: (settings: ApiSettings) => createStorage(settings) }],
  exports: [STORAGE],
})
export class StorageModule {}
