import { Module } from '@nestjs/common';
import { UploadReceiver } from './upload-receiver.js';
import { UploadSlots } from './upload-slots.js';
import { UploadStore } from './upload-store.js';
import { UploadsController } from './uploads.controller.js';

@Module({
  controllers: [UploadsController],
  providers: [UploadReceiver, UploadStore, UploadSlots],
  exports: [UploadReceiver, UploadStore, UploadSlots],
})
export class UploadsModule {}
