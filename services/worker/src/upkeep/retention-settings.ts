import type { SettingsOf } from '@tintype/platform';
import { z } from 'zod';

const hours = z.number().min(0).max(1_000_000);

/** How long things are kept. 0: for ever. */
export const retentionSettings = {
  RETENTION_RESULTS_HOURS: hours.default(168).meta({
    description:
      'How long the source and the outputs of a job are kept after its end, and an upload after it was last named by a job; 0 is for ever',
  }),
  RETENTION_RECORDS_HOURS: hours.default(720).meta({
    description:
      'How long clients can ask about a job after its end, and list it; not less than `RETENTION_RESULTS_HOURS`; 0 is for ever',
    notBelow: 'RETENTION_RESULTS_HOURS',
  }),
};

/** In seconds; 0: for ever. */
export interface Ages {
  readonly results: number;
  readonly records: number;
}

export function agesOf(settings: SettingsOf<typeof retentionSettings>): Ages {
  return { results: settings.RETENTION_RESULTS_HOURS * 3_600, records: settings.RETENTION_RECORDS_HOURS * 3_600 };
}
