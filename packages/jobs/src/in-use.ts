/** SQL that asks whether something is still needed. What it says stays so only for who has locked the row `for update`. */

/** Whether an unfinished job reads an output of this one. `job`: an id, as SQL. */
export function jobIsRead(job: string): string {
  return isRead(`from_job_id = ${job}`);
}

/** Whether an unfinished job reads the upload. `upload`: an id, as SQL. */
export function uploadIsRead(upload: string): string {
  return isRead(`upload_id = ${upload}`);
}

function isRead(where: string): string {
  const isUnfinished = exists('from job reader where reader.id = input.job_id and reader.finished_at is null');
  return exists(`from input where ${where} and ${isUnfinished}`);
}

/**
 * Asked row by row, by index. A join the planner likes to begin at the other end: it reads through all jobs for those that have not
 * finished, as it expects them to be few.
 */
export function exists(rows: string): string {
  return `exists (select ${rows} offset 0)`;
}
