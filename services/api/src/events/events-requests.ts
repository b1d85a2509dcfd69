/** What clients send and get about the events of a job. */
import { JobTransition } from '@tintype/jobs';
import { z } from 'zod';

export const FollowJob = z.strictObject({
  last_event_id: z.coerce.number().int().min(0).max(999_999_999).optional().meta({
    description: 'The same as `Last-Event-ID`, for clients that cannot send headers; the header counts where there are both',
  }),
});
export type FollowJob = z.output<typeof FollowJob>;

export const JobHistoryDocument = z
  .strictObject({ data: z.array(JobTransition).meta({ description: 'The oldest first' }) })
  .meta({ id: 'JobHistory' });
export type JobHistoryDocument = z.output<typeof JobHistoryDocument>;
