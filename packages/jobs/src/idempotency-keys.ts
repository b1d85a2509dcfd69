import type { DataSource } from 'typeorm';
import { v4 as uuidv4 } from 'uuid';

/** What kind of request a key was sent with: equal keys of different kinds have nothing to do with each other. */
export type IdempotentRoute = 'jobs' | 'batches';

/** A key that this request holds, to be given to whatever it creates. */
export interface HeldKey {
  readonly route: IdempotentRoute;
  readonly key: string;
  readonly token: string;
}

/** What the key is to stand for: a request whose content has this fingerprint. */
export type IdempotencyAnswer = HeldKey & { readonly fingerprint: string };

/** The key went to another request meanwhile, as this one took too long. Nothing was created. */
export class IdempotencyKeyLostError extends Error {
  override readonly name = 'IdempotencyKeyLostError';

  constructor() {
    super('the idempotency key is held by another request');
  }
}

export type BegunRequest =
  | { readonly state: 'held'; readonly held: HeldKey }
  /** Another request with this key is being answered. */
  | { readonly state: 'in_progress' }
  /** An earlier request with this key created this job or batch. */
  | { readonly state: 'answered'; readonly fingerprint: string; readonly id: string };

/** Makes a request that is sent again, because its answer was lost, create nothing again. A key is kept for a day at least. */
export class IdempotencyKeys {
  constructor(private readonly dataSource: DataSource) {}

  /** Takes the key for `seconds`, or tells who has it. */
  async begin(route: IdempotentRoute, key: string, seconds: number): Promise<BegunRequest> {
    const token = uuidv4();
    const [row] = await this.dataSource.query<KeyRow[]>(beginRequest, [route, key, token, seconds]);
    if (row?.fingerprint && row.id) return { state: 'answered', fingerprint: row.fingerprint, id: row.id };
    return row?.token === token ? { state: 'held', held: { route, key, token } } : { state: 'in_progress' };
  }

  /** For a request that is still being answered: from now on it holds the key for `seconds`, unless another one has it. */
  async extend({ route, key, token }: HeldKey, seconds: number): Promise<void> {
    await this.dataSource.query(
      `update idempotency_key set locked_until = now() + make_interval(secs => $4)
      where route = $1 and key = $2 and token = $3 and fingerprint is null`,
      [route, key, token, seconds],
    );
  }

  /** For a request that created nothing: the key is free at once. */
  async release({ route, key, token }: HeldKey): Promise<void> {
    await this.dataSource.query(
      'delete from idempotency_key where route = $1 and key = $2 and token = $3 and fingerprint is null',
      [route, key, token],
    );
  }
}

interface KeyRow {
  readonly token: string;
  readonly fingerprint: string | null;
  readonly id: string | null;
}

// The second part sees the table as it was before the first; where both find nothing, another request has just taken the key.
const beginRequest = `with mine as (
    insert into idempotency_key (route, key, token, locked_until)
    values ($1, $2, $3, now() + make_interval(secs => $4))
    on conflict (route, key) do update set token = excluded.token, locked_until = excluded.locked_until
      where idempotency_key.fingerprint is null and idempotency_key.locked_until < now()
    returning token
  )
  select token, null as fingerprint, null::uuid as id from mine
  union all
  select token, fingerprint, coalesce(job_id, batch_id) as id from idempotency_key
  where route = $1 and key = $2 and not exists (select from mine)`;
