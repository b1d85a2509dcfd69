import type { DataSource } from 'typeorm';
import { uploadIsRead } from './in-use.js';
import { Upload } from './upload.entity.js';

export type NewUpload = Omit<Upload, 'createdAt'>;

/** Files that clients stored for later jobs. */
export class Uploads {
  constructor(private readonly dataSource: DataSource) {}

  /** Call it when the bytes are stored. */
  async create(upload: NewUpload): Promise<Upload> {
    const repository = this.dataSource.getRepository(Upload);
    const row = repository.create(upload);
    await repository.insert(row);
    return row;
  }

  async find(id: string): Promise<Upload | undefined> {
    return (await this.dataSource.getRepository(Upload).findOneBy({ id })) ?? undefined;
  }

  /** Refused (`in_use`) while an unfinished job reads it. Afterwards the file under its storage key may be deleted. */
  async delete(id: string): Promise<'deleted' | 'not_found' | 'in_use'> {
    return this.dataSource.transaction(async (manager) => {
      // The lock waits for jobs that are just being created with it, and makes later ones wait; so the answer of the next
      // statement, which sees all that was committed until then, stays true.
      const found = await manager.query<unknown[]>('select from upload where id = $1 for update', [id]);
      if (found.length === 0) return 'not_found';
      const deleted = await manager.query<unknown[]>(deleteUpload, [id]);
      return deleted.length > 0 ? 'deleted' : 'in_use';
    });
  }
}

const deleteUpload = `with deleted as (delete from upload where id = $1 and not ${uploadIsRead('$1')} returning id) select from deleted`;
