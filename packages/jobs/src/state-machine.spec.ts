/** What the database itself refuses, whoever asks. */
import { JobDatabase, newJob } from './spec/job-database.js';
import { finalStatuses, statuses, type Status } from './status.js';

let jobs: JobDatabase;
beforeAll(async () => {
  jobs = await JobDatabase.open();
});
afterAll(() => jobs.close());

const edges: readonly (readonly [Status, Status])[] = [
  ['queued', 'running'],
  ['queued', 'canceled'],
  ['running', 'queued'],
  ['running', 'completed'],
  ['running', 'failed'],
  ['running', 'canceled'],
];
const pairs = statuses.flatMap((from) => statuses.filter((to) => to !== from).map((to) => [from, to] as const));
const illegal = pairs.filter(([from, to]) => !edges.some((edge) => edge[0] === from && edge[1] === to));

test.each(illegal)('a %s job does not become %s', async (from, to) => {
  const id = await jobIn(from);

  await expect(become(id, to)).rejects.toMatchObject({ constraint: 'job_status_changes' });

  expect(await jobs.read({ id })).toMatchObject({ status: from });
});

test.each(edges)('a %s job may become %s, which changes its version', async (from, to) => {
  const id = await jobIn(from);
  const { version } = await jobs.read({ id });
  if (to === 'completed')
    await jobs.dataSource.query(`update output set status = 'completed', value = '1' where job_id = $1`, [id]);

  await become(id, to);

  expect(await jobs.read({ id })).toMatchObject({ status: to, version: version + 1 });
});

test('a failed job is queued again only as one more retry, which makes all outputs anew', async () => {
  const id = await jobIn('failed');
  const retried = `update job set status = 'queued', finished_at = null, error_code = null`;

  for (const retries of [0, 2]) {
    await expect(jobs.dataSource.query(`${retried}, retries = ${retries} where id = $1`, [id])).rejects.toMatchObject({
      constraint: 'job_status_changes',
    });
  }
  await jobs.dataSource.query(`${retried}, retries = 1 where id = $1`, [id]);

  expect(await jobs.read({ id })).toMatchObject({ status: 'queued', outputs: [{ status: 'queued', errorCode: null }] });
});

test('every change of status is in the history, and a job cannot end twice', async () => {
  const { id } = await jobs.completed();
  const history = 'select status, version, attempt from job_event where job_id = $1 order by version';

  expect(await jobs.dataSource.query(history, [id])).toEqual([
    { status: 'running', version: 2, attempt: 1 },
    { status: 'completed', version: 3, attempt: 1 },
  ]);
  const another = `insert into job_event (job_id, version, status, retries, attempt) values ($1, 4, 'canceled', 0, 1)`;
  await expect(jobs.dataSource.query(another, [id])).rejects.toMatchObject({ constraint: 'job_event_final_idx' });
});

test.each(statuses.filter((status) => status !== 'queued'))('no job begins %s', async (status) => {
  const columns = columnsOf(status);

  await expect(
    jobs.dataSource.query(
      `insert into job (id, status, ${Object.keys(columns)}) values (gen_random_uuid(), $1, ${Object.values(columns)})`,
      [status],
    ),
  ).rejects.toMatchObject({ constraint: 'job_status_changes' });
});

test.each([
  ['runs without a lease', 'running', 'lease_expires_at = null', 'job_lease_check'],
  ['runs without a token', 'running', 'lease_token = null', 'job_token_check'],
  ['is queued with a lease', 'queued', 'lease_expires_at = now()', 'job_lease_check'],
  ['is queued with an end', 'queued', 'finished_at = now()', 'job_finished_check'],
  ['is queued to be canceled', 'queued', 'cancel_requested_at = now()', 'job_cancel_check'],
  ['has finished without an end', 'completed', 'finished_at = null', 'job_finished_check'],
  ['failed without a code', 'failed', 'error_code = null', 'job_error_check'],
  ['completed with a code', 'completed', `error_code = 'corrupt_image'`, 'job_error_check'],
  ['has more attempts than allowed', 'running', 'attempt = max_attempts + 1, generation = 9', 'job_attempt_check'],
  ['has more crashes than allowed', 'running', 'crash_count = max_crashes + 1', 'job_crash_check'],
] as const)('no job %s', async (_, status, assignment, constraint) => {
  const id = await jobIn(status);

  await expect(jobs.dataSource.query(`update job set ${assignment} where id = $1`, [id])).rejects.toMatchObject({ constraint });
});

test.each(finalStatuses)('the outputs of a %s job do not change any more', async (status) => {
  const id = await jobIn(status);

  await expect(
    jobs.dataSource.query(`update output set status = 'failed', error_code = 'corrupt_image', value = null where job_id = $1`, [
      id,
    ]),
  ).rejects.toMatchObject({ constraint: 'output_result_stays' });
});

async function jobIn(status: Status): Promise<string> {
  if (status === 'queued') return (await jobs.intake.create(newJob())).id;
  if (status === 'completed') return (await jobs.completed()).id;
  const { id } = await jobs.running();
  if (status !== 'running') await become(id, status);
  return id;
}

/** Changes the status and whatever must change with it. */
async function become(id: string, status: Status): Promise<void> {
  const assignments = Object.entries(columnsOf(status)).map(([column, value]) => `${column} = ${value}`);
  await jobs.dataSource.query(`update job set status = $2, ${assignments.join(', ')} where id = $1`, [id, status]);
}

function columnsOf(status: Status): Record<string, string> {
  const lease = { lease_token: 'gen_random_uuid()', lease_expires_at: 'now()', worker_id: `'w'` };
  return {
    started_at: 'now()',
    finished_at: finalStatuses.some((final) => final === status) ? 'now()' : 'null',
    error_code: status === 'failed' ? `'corrupt_image'` : 'null',
    ...(status === 'running' ? lease : { lease_expires_at: 'null' }),
  };
}
