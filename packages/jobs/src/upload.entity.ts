import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bytesTransformer } from './columns.js';

/** A file that a client stored once, for any number of jobs. */
@Entity('upload')
export class Upload {
  /** UUIDv7. */
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'upload_pkey' })
  id!: string;

  @Column({ name: 'storage_key', type: 'text' })
  storageKey!: string;

  /** Hexadecimal. */
  @Column({ type: 'text' })
  sha256!: string;

  @Column({ type: 'bigint', transformer: bytesTransformer })
  bytes!: number;

  /** As its first bytes told. */
  @Column({ type: 'text' })
  format!: string;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => "date_trunc('milliseconds', now())" })
  createdAt!: Date;
}
