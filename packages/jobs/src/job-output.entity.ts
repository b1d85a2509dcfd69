import type { Output } from '@tintype/operations';
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { bytesTransformer } from './columns.js';
import type { JobErrorCode } from './error-codes.js';
import { Job } from './job.entity.js';
import type { Status } from './status.js';

/** A named result of a job: what was asked for and, once the job has finished, what came of it. */
@Entity('output')
export class JobOutput {
  @PrimaryColumn({ name: 'job_id', type: 'uuid', primaryKeyConstraintName: 'output_pkey' })
  jobId!: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'output_pkey' })
  name!: string;

  @ManyToOne(() => Job, (job) => job.outputs, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'job_id', foreignKeyConstraintName: 'output_job_id_fkey' })
  job?: Relation<Job>;

  @Column({ type: 'smallint' })
  position!: number;

  /** The whole pipeline, presets expanded and defaults filled in. */
  @Column({ type: 'jsonb' })
  spec!: Output;

  /**
   * `queued` until the job has finished: all results become visible together. Whether it is being worked on is the job's to
   * say, so this is never `running`.
   */
  @Column({ type: 'text', default: 'queued' })
  status!: Exclude<Status, 'running'>;

  @Column({ type: 'text', nullable: true })
  format!: string | null;

  @Column({ name: 'media_type', type: 'text', nullable: true })
  mediaType!: string | null;

  /** Of one frame, in pixels. */
  @Column({ type: 'integer', nullable: true })
  width!: number | null;

  @Column({ type: 'integer', nullable: true })
  height!: number | null;

  @Column({ type: 'integer', nullable: true })
  pages!: number | null;

  @Column({ type: 'bigint', nullable: true, transformer: bytesTransformer })
  bytes!: number | null;

  /** Hexadecimal. */
  @Column({ type: 'text', nullable: true })
  sha256!: string | null;

  /** Where the image lies. */
  @Column({ name: 'storage_key', type: 'text', nullable: true })
  storageKey!: string | null;

  /** The result of an analysis. */
  @Column({ type: 'jsonb', nullable: true })
  value!: unknown;

  @Column({ name: 'error_code', type: 'text', nullable: true })
  errorCode!: JobErrorCode | null;

  @Column({ name: 'error_detail', type: 'text', nullable: true })
  errorDetail!: string | null;
}
