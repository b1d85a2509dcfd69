/** The states of a job and of an output, and which of them are final. */
export const statuses = ['queued', 'running', 'completed', 'failed', 'canceled'] as const;
export type Status = (typeof statuses)[number];

export const finalStatuses = ['completed', 'failed', 'canceled'] as const satisfies readonly Status[];
export type FinalStatus = (typeof finalStatuses)[number];

export function isFinal(status: Status): status is FinalStatus {
  return (finalStatuses as readonly Status[]).includes(status);
}

/** What the worker of a running job is doing. */
export const stages = ['fetch', 'process', 'store'] as const;
export type Stage = (typeof stages)[number];
