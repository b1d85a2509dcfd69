/** A migrated database of its own for a spec, and small jobs to put into it. */
import { Output } from '@tintype/operations';
import { testDatabase } from '@tintype/testing';
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { databaseSettings, type DatabaseSettings } from '../database-settings.js';
import { dataSourceOptions } from '../database.js';
import { ExpiredLeases } from '../expired-leases.js';
import { JobIntake, type NewJob } from '../job-intake.js';
import { JobLeases, type ClaimedJob, type ClaimOptions, type OutputOutcome } from '../job-leases.js';
import { JobReader } from '../job-reader.js';
import type { Job } from '../job.entity.js';
import { migrate } from '../migrate.js';
import type { StoredFile } from '../stored-file.js';
import { Uploads } from '../uploads.js';

export function parseSettings(settings: { readonly DATABASE_URL: string; readonly PG_POOL_SIZE?: string }): DatabaseSettings {
  return z.object(databaseSettings).parse(settings);
}

export async function connect(settings: { readonly DATABASE_URL: string; readonly PG_POOL_SIZE?: string }): Promise<DataSource> {
  return new DataSource(dataSourceOptions(parseSettings(settings))).initialize();
}

export class JobDatabase {
  readonly intake: JobIntake;
  readonly reader: JobReader;
  readonly leases: JobLeases;
  readonly expired: ExpiredLeases;
  readonly uploads: Uploads;
  #claims: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly dataSource: DataSource,
    readonly close: () => Promise<void>,
  ) {
    this.intake = new JobIntake(dataSource);
    this.reader = new JobReader(dataSource);
    this.leases = new JobLeases(dataSource, urgentFirst);
    this.expired = new ExpiredLeases(dataSource);
    this.uploads = new Uploads(dataSource);
  }

  static async open(connectTo = connect): Promise<JobDatabase> {
    const database = await testDatabase({ migrate: migrateOnce });
    const dataSource = await connectTo(database.settings);
    return new JobDatabase(dataSource, async () => {
      await dataSource.destroy();
      await database.drop();
    });
  }

  /** A new job that is claimed. */
  async running(job: Partial<NewJob> = {}): Promise<ClaimedJob> {
    return this.claim(await this.intake.create(newJob(job)));
  }

  /** Claims this job, whatever else is due. */
  async claim({ id }: { readonly id: string }): Promise<ClaimedJob> {
    const claimed = await this.tryToClaim(id);
    if (!claimed) throw new Error('not claimed');
    return claimed;
  }

  /** The same, or undefined if it cannot be claimed. */
  tryToClaim(id: string): Promise<ClaimedJob | undefined> {
    const claim = this.#claims.then(() => this.#claim(id));
    this.#claims = claim.catch(() => undefined);
    return claim;
  }

  /** The most urgent job is claimed: so one after the other. */
  async #claim(id: string): Promise<ClaimedJob | undefined> {
    await this.dataSource.query(
      `update job set priority = (id = $1)::integer where id = $1 or (priority = 1 and status = 'queued')`,
      [id],
    );
    const [claimed] = await this.leases.claim(1, claimOptions());
    if (claimed?.id === id) return claimed;
    if (claimed) await this.leases.release(claimed.id, claimed.leaseToken);
    return undefined;
  }

  async completed(job: Partial<NewJob> = {}): Promise<Job> {
    const claimed = await this.running(job);
    await this.leases.complete(claimed.id, claimed.leaseToken, {
      source,
      outputs: claimed.outputs.map(({ name }) => image(name)),
    });
    return this.read(claimed);
  }

  /** As it is now. */
  async read({ id }: { readonly id: string }): Promise<Job> {
    const job = await this.reader.find(id);
    if (!job) throw new Error('not found');
    return job;
  }

  /** Makes the clock of one job go: its lease has expired, its pause is over. */
  async passTime({ id }: { readonly id: string }): Promise<void> {
    await this.dataSource.query(
      `update job set run_at = least(run_at, now()), lease_expires_at = lease_expires_at - interval '1 hour' where id = $1`,
      [id],
    );
  }
}

async function migrateOnce(settings: { readonly DATABASE_URL: string; readonly PG_POOL_SIZE?: string }): Promise<void> {
  const dataSource = await connect(settings);
  await migrate(dataSource);
  await dataSource.destroy();
}

export function claimOptions(): ClaimOptions {
  return { workerId: 'worker-1', leaseSeconds: 30, token: uuidv4() };
}

/** Without turns for the others. */
export const urgentFirst = (): number[] => [1, 0, -1];

/** Of an attempt that has just begun. */
export const justBegun = { stage: 'fetch', outputsDone: 0 } as const;

export const source = { format: 'png', width: 96, height: 64, pages: 1 };
const sha256 = '0123456789abcdef'.repeat(4);

export function storedFile(): StoredFile {
  return { storageKey: `uploads/${uuidv7()}`, sha256, bytes: 1234, format: 'png' };
}

export function newJob(job: Partial<NewJob> = {}): NewJob {
  return { source: storedFile(), outputs: outputs('small'), ...job };
}

/** Plain images of these names. */
export function outputs(...names: string[]): Output[] {
  return names.map((name) => Output.parse({ name, format: 'png' }));
}

/** What a completed image output is reported as. */
export function image(name: string): OutputOutcome {
  const facts = { format: 'png', mediaType: 'image/png', width: 48, height: 32, pages: 1, bytes: 99, sha256 };
  return { name, status: 'completed', ...facts, storageKey: `outputs/${uuidv7()}/1/${name}` };
}
