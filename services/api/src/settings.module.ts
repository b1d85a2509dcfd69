import { type DynamicModule, Global, Module } from '@nestjs/common';
import { API_SETTINGS, type ApiSettings } from './settings.js';

@Global()
@Module({})
export class SettingsModule {
  static register(settings: ApiSettings): DynamicModule {
    return { module: SettingsModule, providers: [{ provide: API_SETTINGS, useValue: settings }], exports: [API_SETTINGS] };
  }
}
