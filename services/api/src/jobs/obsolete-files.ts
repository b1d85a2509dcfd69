import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Storage } from '@tintype/storage';
import { STORAGE } from '../storage/storage.module.js';

/** Deletes files that no row names any more. */
@Injectable()
export class ObsoleteFiles {
  private readonly logger = new Logger(ObsoleteFiles.name);

  constructor(@Inject(STORAGE) private readonly storage: Storage) {}

  /** For the client what they belonged to is gone: files that stay behind are no reason to say otherwise. `owner` is for the log. */
  async delete(keys: readonly string[], owner: Readonly<Record<string, string>>): Promise<void> {
    await this.storage.delete(keys).catch((error: unknown) => this.logger.warn('files not deleted', { ...owner, err: error }));
  }
}
