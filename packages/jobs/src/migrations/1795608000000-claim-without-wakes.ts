import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Workers claim whatever is due, whether the queue was told of it or not: nobody needs to know what it was told. */
export class ClaimWithoutWakes1795608000000 implements MigrationInterface {
  readonly name = 'ClaimWithoutWakes1795608000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table job drop column dispatched_at;
      create index job_due_idx on job (priority desc, run_at, id) where status = 'queued'`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations only go forward.');
  }
}
