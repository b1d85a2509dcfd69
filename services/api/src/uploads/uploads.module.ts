import { Module } from '@nestjs/common';
import { UploadReceiver } from './upload-receiver.js';
import { UploadStore } from './upload-store.js';
import { UploadsController } from './uploads.controller.js';

@Module({ controllers: [UploadsController], providers: [UploadReceiver, UploadStore], exports: [UploadReceiver, UploadStore] })
export class UploadsModule {}
