import type { DataSource } from 'typeorm';
import { exists } from './in-use.js';
import { ownerOf } from './storage-keys.js';

export interface FoundOrphans {
  /** Keys of files that belong to nothing: a process died, or the storage was away, between the file and its row. */
  readonly orphans: readonly string[];
  /** How many files nobody of us has stored, as their keys tell, or somebody did for another database. They are to be left alone. */
  readonly strangers: number;
}

/** Compares what is in the storage with what the database knows. */
export class Orphans {
  constructor(private readonly dataSource: DataSource) {}

  /** Files that were changed before this belong to something by now, if they ever will. By the clock of the database. */
  async secondsAgo(seconds: number): Promise<Date> {
    const [row] = await this.dataSource.query<{ at: Date }[]>('select now() - make_interval(secs => $1) as at', [seconds]);
    if (!row) throw new Error('the database tells no time');
    return row.at;
  }

  /** Which of these files, some thousand at most, belong to nothing. */
  async among(keys: readonly string[]): Promise<FoundOrphans> {
    const known = keys.flatMap((key) => {
      const owner = ownerOf(key);
      return owner ? [{ key, id: owner.id, generation: owner.generation, created_at: owner.createdAt }] : [];
    });
    const rows = await this.dataSource.query<{ key: string; is_older: boolean }[]>(findOrphans, [JSON.stringify(known)]);
    const older = rows.filter(({ is_older }) => is_older).length;
    return {
      orphans: rows.filter(({ is_older }) => !is_older).map(({ key }) => key),
      strangers: keys.length - known.length + older,
    };
  }
}

/** As the index that there is for these has it: the first version gave a file that came with a job an id of its own. */
const hasOwnId = `input.upload_id is null and input.from_job_id is null and input.url is null
  and input.storage_key <> 'uploads/' || input.job_id::text`;

// Each is looked up by the primary key of what it would belong to. An attempt stores its files before there are rows of them; that it
// goes on is asked by its lease, as the planner would rather read all rows of the index of what is running.
const findOrphans = `select file.key, file.created_at < installation.since as is_older
  from jsonb_to_recordset($1::jsonb) as file (key text, id uuid, generation integer, created_at timestamptz), installation
  where not ${exists('from upload where id = file.id and storage_key = file.key')}
    and not ${exists(`from job join input on input.job_id = job.id
      where job.id = file.id and job.results_expired_at is null and input.position = 0 and input.storage_key = file.key`)}
    and not ${exists(`from input join job on job.id = input.job_id
      where ${hasOwnId} and input.storage_key = file.key and job.results_expired_at is null`)}
    and not ${exists(`from job join output on output.job_id = job.id
      where job.id = file.id and job.results_expired_at is null and output.storage_key = file.key`)}
    and not ${exists(`from job where id = file.id and lease_expires_at is not null and generation = file.generation`)}`;
