import { Column, Entity, JoinColumn, ManyToOne, OneToMany, PrimaryColumn, type Relation } from 'typeorm';
import { Batch } from './batch.entity.js';
import type { JobErrorCode } from './error-codes.js';
import { JobInput } from './job-input.entity.js';
import { JobOutput } from './job-output.entity.js';
import type { Stage, Status } from './status.js';
import { WebhookEndpoint } from './webhooks/webhook-endpoint.entity.js';

/** How often a job is tried, and how many crashes it may cause, until it has failed. */
export const maxAttempts = 5;
export const maxCrashes = 3;

/**
 * A job: one source, 1–20 outputs. Its row decides who may work on it.
 * Rows change through JobIntake, JobLeases and ExpiredLeases only; the database refuses what the state machine does not know.
 */
@Entity('job')
export class Job {
  /** UUIDv7. */
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'job_pkey' })
  id!: string;

  @Column({ type: 'text', default: 'queued' })
  status!: Status;

  /** A value of `priorities`. */
  @Column({ type: 'smallint', default: 0 })
  priority!: number;

  /** How often work on it was begun, without attempts that were handed back. */
  @Column({ type: 'smallint', default: 0 })
  attempt!: number;

  @Column({ name: 'max_attempts', type: 'smallint', default: maxAttempts })
  maxAttempts!: number;

  /** How often the process that ran it died: by itself, by its limits, or with its worker. */
  @Column({ name: 'crash_count', type: 'smallint', default: 0 })
  crashCount!: number;

  @Column({ name: 'max_crashes', type: 'smallint', default: maxCrashes })
  maxCrashes!: number;

  /** Goes up with every claim and never down, so it tells the files of a late worker from current ones. */
  @Column({ type: 'integer', default: 0 })
  generation!: number;

  /** Not to be claimed before. */
  @Column({ name: 'run_at', type: 'timestamptz', default: () => 'now()' })
  runAt!: Date;

  /** Who may write: the token of the latest claim. It stays when its holder has ended the attempt, and goes when the lease expires. */
  @Column({ name: 'lease_token', type: 'uuid', nullable: true })
  leaseToken!: string | null;

  @Column({ name: 'lease_expires_at', type: 'timestamptz', nullable: true })
  leaseExpiresAt!: Date | null;

  @Column({ name: 'worker_id', type: 'text', nullable: true })
  workerId!: string | null;

  @Column({ name: 'cancel_requested_at', type: 'timestamptz', nullable: true })
  cancelRequestedAt!: Date | null;

  /** The client's own notes, given back as they came. */
  @Column({ type: 'jsonb', default: {} })
  metadata!: Record<string, unknown>;

  /** What the source turned out to be: null until an attempt has read it. Width and height are of one frame, upright. */
  @Column({ name: 'source_format', type: 'text', nullable: true })
  sourceFormat!: string | null;

  @Column({ name: 'source_width', type: 'integer', nullable: true })
  sourceWidth!: number | null;

  @Column({ name: 'source_height', type: 'integer', nullable: true })
  sourceHeight!: number | null;

  @Column({ name: 'source_pages', type: 'integer', nullable: true })
  sourcePages!: number | null;

  /** How often a client had it tried again after it had failed. */
  @Column({ type: 'smallint', default: 0 })
  retries!: number;

  /** What its worker is doing. */
  @Column({ type: 'text', nullable: true })
  stage!: Stage | null;

  /** How many outputs of the current attempt are stored. */
  @Column({ name: 'outputs_done', type: 'smallint', default: 0 })
  outputsDone!: number;

  /** Why the attempt before ended without results. */
  @Column({ name: 'last_error_code', type: 'text', nullable: true })
  lastErrorCode!: JobErrorCode | null;

  @Column({ name: 'last_error_detail', type: 'text', nullable: true })
  lastErrorDetail!: string | null;

  @Column({ name: 'error_code', type: 'text', nullable: true })
  errorCode!: JobErrorCode | null;

  @Column({ name: 'error_detail', type: 'text', nullable: true })
  errorDetail!: string | null;

  /** The output whose fault it was. */
  @Column({ name: 'error_output', type: 'text', nullable: true })
  errorOutput!: string | null;

  /** Goes up with every change that clients can see: an entity tag. */
  @Column({ type: 'integer', default: 1 })
  version!: number;

  @Column({ name: 'request_id', type: 'text', nullable: true })
  requestId!: string | null;

  /** W3C `traceparent` of the request that created it. */
  @Column({ type: 'text', nullable: true })
  trace!: string | null;

  /** In whole milliseconds, so that a JavaScript Date holds it exactly: lists are paged by it. */
  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => "date_trunc('milliseconds', now())" })
  createdAt!: Date;

  /** When its first attempt began, since it was last queued by a client. */
  @Column({ name: 'started_at', type: 'timestamptz', nullable: true })
  startedAt!: Date | null;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  finishedAt!: Date | null;

  /** When its files, source and outputs, were deleted because of their age. */
  @Column({ name: 'results_expired_at', type: 'timestamptz', nullable: true })
  resultsExpiredAt!: Date | null;

  @Column({ name: 'batch_id', type: 'uuid', nullable: true })
  batchId!: string | null;

  @ManyToOne(() => Batch, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'batch_id', foreignKeyConstraintName: 'job_batch_id_fkey' })
  batch?: Relation<Batch>;

  /** The endpoint that this job named, beside those that are told of every job. */
  @Column({ name: 'webhook_endpoint_id', type: 'uuid', nullable: true })
  webhookEndpointId!: string | null;

  @ManyToOne(() => WebhookEndpoint, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'webhook_endpoint_id', foreignKeyConstraintName: 'job_webhook_endpoint_id_fkey' })
  webhookEndpoint?: Relation<WebhookEndpoint>;

  /** In the order of the request. */
  @OneToMany(() => JobOutput, (output) => output.job)
  outputs!: Relation<JobOutput>[];

  /** The source first. */
  @OneToMany(() => JobInput, (input) => input.job)
  inputs!: Relation<JobInput>[];
}
