import type { DataSource } from 'typeorm';

export interface Turn {
  /** Whether the task is for this process to do now. */
  readonly taken: boolean;
  /** When somebody was last done with it. */
  readonly succeededAt: Date | null;
}

/**
 * Who does a task that is for one process at a time, and not too often. A row tells and not an advisory lock, which is lost with its
 * connection, and stays with one that a pooler lends to others.
 */
export class UpkeepTurns {
  constructor(private readonly dataSource: DataSource) {}

  /** Takes the task, unless somebody was active in it within the last `everySeconds`. */
  async take(task: string, everySeconds: number): Promise<Turn> {
    const [row] = await this.dataSource.query<{ taken: boolean; succeeded_at: Date | null }[]>(takeTurn, [task, everySeconds]);
    return { taken: row?.taken ?? false, succeededAt: row?.succeeded_at ?? null };
  }

  /** To be called now and then while the task goes on. */
  async stillActive(task: string): Promise<void> {
    await this.dataSource.query('update upkeep set active_at = now() where task = $1', [task]);
  }

  async succeeded(task: string): Promise<void> {
    await this.dataSource.query('update upkeep set active_at = now(), succeeded_at = now() where task = $1', [task]);
  }

  /** It was not done to the end: whoever asks next may take it. */
  async giveUp(task: string): Promise<void> {
    await this.dataSource.query(`update upkeep set active_at = '-infinity' where task = $1`, [task]);
  }
}

// The second part sees the table as it was before the first; where both find nothing, another process has just taken the task.
const takeTurn = `with taken as (
    insert into upkeep (task, active_at) values ($1, now())
    on conflict (task) do update set active_at = now() where upkeep.active_at < now() - make_interval(secs => $2)
    returning succeeded_at
  )
  select true as taken, succeeded_at from taken
  union all
  select false, succeeded_at from upkeep where task = $1 and not exists (select from taken)`;
