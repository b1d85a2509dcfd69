/** What clients that follow a job are told. */
import { jobDocument, JobDocument, type JobNews } from '@tintype/jobs';
import { metrics } from '@tintype/metrics';
import { z } from 'zod';

export const JobEvent = z
  .strictObject({
    type: z
      .enum(metrics.jobEventsSent.labels.type)
      .meta({ description: '`job.progress`, or a status that the job has come to, as `job.completed`' }),
    timestamp: z.iso.datetime().meta({ description: 'When that was; of progress, when it was seen. RFC 3339, UTC' }),
    data: JobDocument,
  })
  .meta({ id: 'JobEvent', description: 'Something that became of a job, with the job as it is now' });
export type JobEvent = z.output<typeof JobEvent>;

export interface NumberedEvent {
  /** The version of the job that it tells of. */
  readonly id: number;
  readonly event: JobEvent;
}

/**
 * What there is to tell to a client that has seen the job up to a version, from news since then. To one that has seen nothing, or a
 * version that the job does not have, as after a backup was restored, that is how the job is now.
 */
export function eventsOf({ job, transitions }: JobNews, seen: number | undefined): NumberedEvent[] {
  const data = jobDocument(job);
  const now = new Date().toISOString();
  const last = transitions.at(-1);
  if (seen === undefined || seen > job.version) {
    return [{ id: job.version, event: { type: `job.${job.status}`, timestamp: last?.at ?? now, data } }];
  }
  const events = transitions.map(({ version, status, at }): NumberedEvent => {
    return { id: version, event: { type: `job.${status}`, timestamp: at, data } };
  });
  // Nothing is told after the end.
  if (job.finishedAt || job.version <= (last?.version ?? seen)) return events;
  return [...events, { id: job.version, event: { type: 'job.progress', timestamp: now, data } }];
}
