/** What the statements are for: in so many classes their times and failures are told. */

export const statementKinds = ['create_job', 'claim', 'renew', 'record', 'read', 'webhook', 'other'] as const;
export type StatementKind = (typeof statementKinds)[number];

/** Of every statement that is prepared by name. */
const kinds = {
  insert_jobs: 'create_job',
  claim_jobs: 'claim',
  extend_lease: 'renew',
  set_source: 'record',
  complete_job: 'record',
  fail_job: 'record',
  retry_job: 'record',
  postpone_job: 'record',
  crash_job: 'record',
  release_job: 'record',
  find_job: 'read',
  find_output: 'read',
  job_versions: 'read',
  job_news: 'read',
  claim_deliveries: 'webhook',
  find_jobs_of_deliveries: 'webhook',
  write_bodies: 'webhook',
  record_attempt: 'webhook',
  end_deliveries: 'webhook',
  redeliver_one: 'webhook',
  redeliver_some: 'webhook',
  insert_webhook_test: 'webhook',
  insert_webhook_endpoint: 'webhook',
  find_named_webhook_endpoint: 'webhook',
  insert_named_webhook_endpoint: 'webhook',
  change_webhook_endpoint: 'webhook',
  rotate_webhook_secret: 'webhook',
  delete_deliveries: 'webhook',
} as const satisfies Record<string, StatementKind>;
export type StatementName = keyof typeof kinds;

const kindsByName = new Map<string, StatementKind>(Object.entries(kinds));
/** Texts are constants of this package, so the map stays small, and finding one costs no more than its first comparison. */
const kindsByText = new Map<string, StatementKind>();

/** Gives back the text, which is from now on of that kind. */
export function ofKind(kind: StatementKind, text: string): string {
  kindsByText.set(text, kind);
  return text;
}

/** Makes the text known for when it runs without its name, as within a transaction. */
export function named(name: StatementName, text: string): string {
  return ofKind(kinds[name], text);
}

/** Of what is given to `query` of node-postgres. What TypeORM writes by itself is `other`. */
export function kindOf(query: unknown): StatementKind {
  if (typeof query === 'string') return kindsByText.get(query) ?? 'other';
  if (typeof query !== 'object' || query === null) return 'other';
  if ('name' in query && typeof query.name === 'string') return kindsByName.get(query.name) ?? 'other';
  return 'text' in query ? kindOf(query.text) : 'other';
}
