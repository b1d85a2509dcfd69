/** Jobs that a scenario needs: many, harmful, or old. */
import { setTimeout as sleep } from 'node:timers/promises';
import { samples } from '@tintype/testing';
import pg from 'pg';
import { formOf, type Job, Visitor } from '../traffic/visitor.js';
import type { WatchedSite } from '../watched-site.js';

/** How long an API believes its last count of the jobs that wait, and a little. */
const backlogCountMs = 1_200;

const outputs = [{ name: 'small', operations: [{ operation: 'resize', width: 32 }] }];
const icon = await samples.icon(32);
const truncated = await samples.truncatedJpeg();

export function visitorOf({ site }: WatchedSite): Visitor {
  return new Visitor(() => site.apis.url);
}

/** Accepted or refused, both without a word. */
export async function submit(watched: WatchedSite, count: number): Promise<void> {
  const source = { data: icon.toString('base64') };
  await Promise.allSettled(Array.from({ length: count }, () => visitorOf(watched).job({ json: { source, outputs } })));
}

/** A job that harms its image process, by the name of its output: see the mischievous child of the worker's specs. */
export async function poison(watched: WatchedSite, mischief: string): Promise<Job> {
  const source = { data: icon.toString('base64') };
  return visitorOf(watched).job({ json: { source, outputs: [{ name: mischief, operations: [{ operation: 'grayscale' }] }] } });
}

/** A job whose picture nobody can read. */
export async function unreadable(watched: WatchedSite): Promise<Job> {
  return visitorOf(watched).job({ form: formOf(truncated, { job: JSON.stringify({ outputs }) }) });
}

/** An upload, for jobs that are accepted although nothing can be stored. */
export async function storedPicture(watched: WatchedSite): Promise<string> {
  return visitorOf(watched).upload(icon);
}

export async function submitSource(
  watched: WatchedSite,
  source: { readonly upload_id: string } | { readonly url: string },
): Promise<void> {
  await visitorOf(watched).job({ json: { source, outputs } });
}

/** As many queued jobs, all of which were accepted that long ago, and no worker. */
export async function oldJobsWithoutWorkers(watched: WatchedSite, count: number, minutes: number): Promise<void> {
  const { site } = watched;
  await site.workers.scale(0);
  await submit(watched, count);
  const ago = `now() - interval '${minutes} minutes'`;
  await site.rows(`update job set run_at = ${ago}, created_at = ${ago} where status = 'queued'`);
}

/** So that what a fault has left does not keep the workers from the next one. */
export async function clearQueue({ site }: WatchedSite): Promise<void> {
  await site.rows(`update job set cancel_requested_at = now() where status = 'running'`);
  await site.rows(`update job set status = 'canceled', finished_at = now(), cancel_requested_at = now() where status = 'queued'`);
  await sleep(backlogCountMs);
}

/** Keeps everybody from changing any job, but not from reading; resolves to what lets them again. */
export async function lockJobs(url: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('begin');
  await client.query('lock table job in exclusive mode');
  return () => client.end();
}
