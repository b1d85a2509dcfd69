import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { WebhookEndpoint } from './webhooks/webhook-endpoint.entity.js';

/** Up to a thousand jobs that came with one request, and end as a whole when the last of them has. */
@Entity('batch')
export class Batch {
  /** UUIDv7. */
  @PrimaryColumn({ type: 'uuid', primaryKeyConstraintName: 'batch_pkey' })
  id!: string;

  /** The client's own notes, given back as they came. */
  @Column({ type: 'jsonb', default: {} })
  metadata!: Record<string, unknown>;

  /** How many jobs it had at the beginning. */
  @Column({ type: 'integer' })
  total!: number;

  /** How many of them have not ended. The database counts. */
  @Column({ type: 'integer' })
  unfinished!: number;

  @Column({ name: 'webhook_endpoint_id', type: 'uuid', nullable: true })
  webhookEndpointId!: string | null;

  @ManyToOne(() => WebhookEndpoint, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'webhook_endpoint_id', foreignKeyConstraintName: 'batch_webhook_endpoint_id_fkey' })
  webhookEndpoint?: Relation<WebhookEndpoint>;

  @Column({ name: 'request_id', type: 'text', nullable: true })
  requestId!: string | null;

  @Column({ name: 'created_at', type: 'timestamptz', precision: 3, default: () => "date_trunc('milliseconds', now())" })
  createdAt!: Date;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  finishedAt!: Date | null;
}
