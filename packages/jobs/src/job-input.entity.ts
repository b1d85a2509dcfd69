import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { bytesTransformer } from './columns.js';
import { Job } from './job.entity.js';

/**
 * A file that a job reads: its source, or a second image of an operation. It came from an upload, from an output of an earlier
 * job or from a URL, or, if none is named, with the job.
 */
@Entity('input')
export class JobInput {
  @PrimaryColumn({ name: 'job_id', type: 'uuid', primaryKeyConstraintName: 'input_pkey' })
  jobId!: string;

  /** 0 is the source. */
  @PrimaryColumn({ type: 'smallint', primaryKeyConstraintName: 'input_pkey' })
  position!: number;

  @ManyToOne(() => Job, (job) => job.inputs, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'job_id', foreignKeyConstraintName: 'input_job_id_fkey' })
  job?: Relation<Job>;

  @Column({ type: 'text' })
  role!: 'source' | 'overlay';

  /** Where the worker finds a source that is not stored yet; then the four facts below are null until it has been fetched. */
  @Column({ type: 'text', nullable: true })
  url!: string | null;

  @Column({ name: 'storage_key', type: 'text', nullable: true })
  storageKey!: string | null;

  /** Hexadecimal. */
  @Column({ type: 'text', nullable: true })
  sha256!: string | null;

  @Column({ type: 'bigint', transformer: bytesTransformer, nullable: true })
  bytes!: number | null;

  /** As its first bytes told when it arrived. */
  @Column({ type: 'text', nullable: true })
  format!: string | null;

  // No foreign keys on the origins: they may be deleted once the job has finished, and it still tells where its input came from.
  @Column({ name: 'upload_id', type: 'uuid', nullable: true })
  uploadId!: string | null;

  @Column({ name: 'from_job_id', type: 'uuid', nullable: true })
  fromJobId!: string | null;

  @Column({ name: 'from_output', type: 'text', nullable: true })
  fromOutput!: string | null;
}
