import { Column, Entity, PrimaryColumn } from 'typeorm';

export type DisabledReason = 'requested' | 'gone' | 'failing';

/** Where events are delivered to: registered for those of all jobs and batches, or named by some jobs for their own. */
@Entity('webhook_endpoint')
export class WebhookEndpoint {
  /** UUIDv7. */
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'webhook_endpoint_pkey' })
  id!: string;

  @Column({ type: 'text' })
  url!: string;

  /** `whsec_` and base64. It must be readable, as it signs. */
  @Column({ type: 'text' })
  secret!: string;

  /** Signs, too, until it expires. */
  @Column({ name: 'previous_secret', type: 'text', nullable: true })
  previousSecret!: string | null;

  @Column({ name: 'previous_secret_expires_at', type: 'timestamptz', nullable: true })
  previousSecretExpiresAt!: Date | null;

  /** Types of events. Null: all. */
  @Column({ type: 'text', array: true, nullable: true })
  events!: string[] | null;

  @Column({ type: 'boolean' })
  registered!: boolean;

  /** Deliveries of one lane share a limit: a registered endpoint has its own, those that jobs name share that of their server. */
  @Column({ type: 'uuid' })
  lane!: string;

  @Column({ type: 'text', nullable: true })
  description!: string | null;

  @Column({ name: 'disabled_at', type: 'timestamptz', nullable: true })
  disabledAt!: Date | null;

  @Column({ name: 'disabled_reason', type: 'text', nullable: true })
  disabledReason!: DisabledReason | null;

  /** Since when no delivery has succeeded; null while they do. */
  @Column({ name: 'failing_since', type: 'timestamptz', nullable: true })
  failingSince!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => "date_trunc('milliseconds', now())" })
  createdAt!: Date;
}
