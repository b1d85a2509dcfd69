/** Jobs without any work in them: what only the database does for a job, from its creation to its end. */
import { JobIntake, JobLeases, type ClaimedJob, type ClaimOptions, type OutputOutcome } from '@tintype/jobs';
import { Output } from '@tintype/operations';
import type { DataSource } from 'typeorm';
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid';

const sha256 = '0123456789abcdef'.repeat(4);
const leaseSeconds = 30;

export class JobLoop {
  private readonly intake: JobIntake;
  private readonly leases: JobLeases;

  constructor(dataSource: DataSource) {
    this.intake = new JobIntake(dataSource);
    this.leases = new JobLeases(dataSource);
  }

  async create(): Promise<void> {
    const source = { storageKey: `uploads/${uuidv7()}`, sha256, bytes: 1_000_000, format: 'jpeg' };
    await this.intake.create({ source, outputs: [Output.parse({ name: 'thumb', format: 'webp' })] });
  }

  async claim(): Promise<ClaimedJob | undefined> {
    const [job] = await this.leases.claim(1, claimOptions());
    return job;
  }

  /** With the progress that a worker reports. `further`: whether it claims another job by the same statement. */
  async complete({ id, leaseToken, outputs }: ClaimedJob, further: boolean): Promise<ClaimedJob | undefined> {
    await this.leases.extend(id, leaseToken, leaseSeconds, { stage: 'process', outputsDone: 0 });
    await this.leases.extend(id, leaseToken, leaseSeconds, { stage: 'store', outputsDone: 1 });
    const results = { source: { format: 'jpeg', width: 4000, height: 3000, pages: 1 }, outputs: outputs.map(resultOf) };
    const { status, next } = await this.leases.complete(id, leaseToken, results, further ? claimOptions() : undefined);
    if (status !== 'completed') throw new Error(`job ${id} is ${status}`);
    return next;
  }
}

function claimOptions(): ClaimOptions {
  return { workerId: 'bench', leaseSeconds, token: uuidv4() };
}

function resultOf({ name }: { readonly name: string }): OutputOutcome {
  const facts = { format: 'webp', mediaType: 'image/webp', width: 200, height: 150, pages: 1, bytes: 8_000, sha256 };
  return { name, status: 'completed', ...facts, storageKey: `outputs/${uuidv7()}/1/${name}` };
}
