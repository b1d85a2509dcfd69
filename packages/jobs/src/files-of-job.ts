/** SQL: an array of the keys of a job's own files, outputs and the source unless that was an upload or an output of another. `job`: its id, as SQL. */
export function filesOf(job: string): string {
  return `array(
    select storage_key from output where job_id = ${job} and storage_key is not null
    union all
    select storage_key from input where job_id = ${job} and upload_id is null and from_job_id is null and storage_key is not null)`;
}
