/** Places in the code at which a process can be made to die. */
import type { Change } from './change.js';

/** Of a request that creates a job: its image is stored, the job is committed, the workers are told. */
export const pointsOfCreation = ['stored', 'committed', 'told'] as const;
export type PointOfCreation = (typeof pointsOfCreation)[number];

/** An API whose environment has `DIES_AT` dies there, with the fourth request that comes so far. */
export const diesWhileCreating: readonly Change[] = [
  {
    file: 'services/api/dist/jobs/job-creation.js',
    text: 'return this.accepted(await this.intake.create(job));',
    by: `
      ${dies('stored')}
      const created = await this.intake.create(job);
      ${dies('committed')}
      const accepted = this.accepted(created);
      ${dies('told')}
      return accepted;`,
  },
];

function dies(point: PointOfCreation): string {
  return `if (process.env.DIES_AT === '${point}' && (globalThis.reached = (globalThis.reached ?? 0) + 1) === 4) process.kill(process.pid, 'SIGKILL');`;
}
