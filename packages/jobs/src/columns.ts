/** What TypeORM needs to be told about columns of ours. */

/** int8 reaches JavaScript as a string; our sizes in bytes are far below 2^53. */
export const bytesTransformer = {
  from: (value: string | number | null): number | null => (value === null ? null : Number(value)),
  to: (value: number | null): number | null => value,
};
