import { Module } from '@nestjs/common';
import { loadPresets } from '@tintype/operations';
import { API_SETTINGS, type ApiSettings } from '../settings.js';
import { PresetsController } from './presets.controller.js';
import { PRESETS } from './presets.token.js';

@Module({
  controllers: [PresetsController],
  providers: [
    { provide: PRESETS, inject: [API_SETTINGS], useFactory: (settings: ApiSettings) => loadPresets(settings.PRESETS_DIR) },
  ],
  exports: [PRESETS],
})
export class PresetsModule {}
