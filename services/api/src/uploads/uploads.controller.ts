import { Controller, Delete, Get, HttpCode, Inject, Logger, Param, Post, Req, Res } from '@nestjs/common';
import { Upload, Uploads } from '@tintype/jobs';
import type { Storage } from '@tintype/storage';
import type { Request, Response } from 'express';
import { ClientGone } from '../http/client-gone.js';
import { KnownId } from '../http/known-id.pipe.js';
import { problem } from '../http/problems.js';
import { STORAGE } from '../storage/storage.module.js';
import { UploadForm } from './upload-form.js';
import { type UploadDocument, uploadDocument } from './upload-document.js';
import { UploadReceiver } from './upload-receiver.js';
import type { StoredImage } from './upload-store.js';
import { CreateUploadRoute, DeleteUploadRoute, FindUploadRoute, UploadRoutes } from './uploads.openapi.js';

@UploadRoutes
@Controller('v1/uploads')
export class UploadsController {
  private readonly logger = new Logger(UploadsController.name);

  constructor(
    private readonly receiver: UploadReceiver,
    private readonly uploads: Uploads,
    @Inject(STORAGE) private readonly storage: Storage,
  ) {}

  @Post()
  @CreateUploadRoute
  async create(
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
    @ClientGone() signal: AbortSignal,
  ): Promise<UploadDocument> {
    const upload = await this.insert(await this.receive(request, response, signal));
    response.set('Location', `/v1/uploads/${upload.id}`);
    return uploadDocument(upload);
  }

  @Get(':id')
  @FindUploadRoute
  async find(@Param('id', KnownId) id: string): Promise<UploadDocument> {
    const upload = await this.uploads.find(id);
    if (!upload) throw noSuchUpload();
    return uploadDocument(upload);
  }

  @Delete(':id')
  @HttpCode(204)
  @DeleteUploadRoute
  async delete(@Param('id', KnownId) id: string): Promise<void> {
    const upload = await this.uploads.find(id);
    const outcome = upload ? await this.uploads.delete(id) : 'not_found';
    if (!upload || outcome === 'not_found') throw noSuchUpload();
    if (outcome === 'in_use') throw problem('in_use', 'An unfinished job reads it.');
    await this.storage
      .delete([upload.storageKey])
      .catch((error: unknown) => this.logger.warn('file of a deleted upload not deleted', { upload_id: id, err: error }));
  }

  private async receive(request: Request, response: Response, signal: AbortSignal): Promise<StoredImage> {
    if (request.is('image/*')) return this.receiver.body(request, response, signal);
    if (request.is('multipart/form-data')) {
      const form = await this.receiver.form(request, response, signal, (store) => new UploadForm(store));
      return form.requiredImage();
    }
    throw problem('unsupported_media_type', 'An upload is sent with the content type of an image, or as multipart/form-data.');
  }

  private async insert(image: StoredImage): Promise<Upload> {
    const { id, key: storageKey, format, bytes, sha256 } = image;
    try {
      return await this.uploads.create({ id, storageKey, format, bytes, sha256 });
    } catch (error) {
      // As with a job: it may have been created nevertheless, or be about to. The file stays: what nobody owns is swept away later.
      const upload = await this.uploads.find(id).catch(() => undefined);
      if (upload) return upload;
      throw error;
    }
  }
}

function noSuchUpload(): Error {
  return problem('not_found', 'There is no such upload.');
}
