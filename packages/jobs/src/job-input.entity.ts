import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { bytesTransformer } from './columns.js';
import { Job } from './job.entity.js';

/**
 * A file that a job reads: its source, or a second image of an operation. It came from an upload, from an output of an earlier
 * job, or, if neither is named, with the job.
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

  @Column({ name: 'storage_key', type: 'text' })
  storageKey!: string;

  /** Hexadecimal. */
  @Column({ type: 'text' })
  sha256!: string;

  @Column({ type: 'bigint', transformer: bytesTransformer })
  bytes!: number;

  /** As its first bytes told when it arrived. */
  @Column({ type: 'text' })
  format!: string;

  // No foreign keys on the origins: they may be deleted once the job has finished, and it still tells where its input came from.
  @Column({ name: 'upload_id', type: 'uuid', nullable: true })
  uploadId!: string | null;

  @Column({ name: 'from_job_id', type: 'uuid', nullable: true })
  fromJobId!: string | null;

  @Column({ name: 'from_output', type: 'text', nullable: true })
  fromOutput!: string | null;
}
