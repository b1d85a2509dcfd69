import { getQueueToken } from '@nestjs/bullmq';
import { JobDocument, QUEUE } from '@tintype/jobs';
import { eventually } from '@tintype/testing';
import type { Queue } from 'bullmq';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { expectProblem } from '../spec/problem.js';
import { inline, json, photo, post, thumb } from '../spec/requests.js';
import { JobList } from './job-requests.js';

const nowhere = '0198c0de-0000-7000-8000-000000000001';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());

async function createJob(change: object = {}): Promise<JobDocument> {
  return JobDocument.parse(await (await api.fetch('/v1/jobs', json({ source: inline(), outputs: [thumb], ...change }))).json());
}

async function getJob(id: string): Promise<JobDocument> {
  const answer = await api.fetch(`/v1/jobs/${id}`);
  expect(answer.status).toBe(200);
  return JobDocument.parse(await answer.json());
}

describe('GET /v1/jobs/{id}', () => {
  test('shows a job from queued to completed, under a new entity tag each time', async () => {
    const { id } = await createJob();
    const queued = await api.fetch(`/v1/jobs/${id}`);
    expect(queued.headers.get('retry-after')).toBe('1');
    expect(JobDocument.parse(await queued.json())).toMatchObject({ status: 'queued', attempt: 0, started_at: null });

    const { token } = await api.claim(id);
    expect(await getJob(id)).toMatchObject({ status: 'running', attempt: 1, outputs: [{ status: 'running' }] });
    await api.leases.release(id, token);

    await api.finish(id);
    const completed = await api.fetch(`/v1/jobs/${id}`);
    expect(completed.headers.get('retry-after')).toBeNull();
    expect(completed.headers.get('etag')).not.toBe(queued.headers.get('etag'));
    expect(JobDocument.parse(await completed.json())).toMatchObject({
      status: 'completed',
      source: { width: 640, height: 480 },
      outputs: [{ status: 'completed', url: `/v1/jobs/${id}/outputs/thumb`, format: 'webp', width: 20, height: 10 }],
    });
  });

  test('answers 304 to who has the current version', async () => {
    const { id } = await createJob();
    const etag = (await api.fetch(`/v1/jobs/${id}`)).headers.get('etag') ?? '';

    const unchanged = await api.fetch(`/v1/jobs/${id}`, { headers: { 'If-None-Match': etag } });
    expect(unchanged.status).toBe(304);
    expect(unchanged.headers.get('etag')).toBe(etag);
    expect(await unchanged.text()).toBe('');

    await api.claim(id);
    expect((await api.fetch(`/v1/jobs/${id}`, { headers: { 'If-None-Match': etag } })).status).toBe(200);
  });

  test('tells why a job failed', async () => {
    const { id } = await createJob({ outputs: [thumb, { name: 'other' }] });
    await api.finish(id, {
      outcomes: [{ name: 'other', status: 'failed', code: 'invalid_operation', detail: 'The crop lies outside.' }],
    });
    const error = { code: 'invalid_operation', detail: 'The crop lies outside.', retryable: false };
    expect(await getJob(id)).toMatchObject({
      status: 'failed',
      error: { ...error, output: 'other' },
      outputs: [{ status: 'completed' }, { status: 'failed', error }],
    });
  });

  test('with wait, answers as soon as the job has finished', async () => {
    const { id } = await createJob();
    const waiting = api.fetch(`/v1/jobs/${id}?wait=30`);
    await eventually(() => api.log.some(({ path }) => path === '/v1/jobs'));
    await api.finish(id);
    expect(JobDocument.parse(await (await waiting).json())).toMatchObject({ status: 'completed' });
  });

  test('with wait, answers at once for a job that has finished, and later for one that does not finish', async () => {
    const { id } = await createJob();
    const started = performance.now();
    expect(JobDocument.parse(await (await api.fetch(`/v1/jobs/${id}?wait=0.3`)).json())).toMatchObject({ status: 'queued' });
    expect(performance.now() - started).toBeGreaterThan(250);

    await api.finish(id);
    expect(JobDocument.parse(await (await api.fetch(`/v1/jobs/${id}?wait=60`)).json())).toMatchObject({ status: 'completed' });
  });

  test('makes all who wait share one query', async () => {
    const jobs = await Promise.all(Array.from({ length: 20 }, () => createJob()));
    const queries = jest.spyOn((api.dataSource.driver as unknown as { master: { query(): unknown } }).master, 'query');
    const waiting = jobs.map(({ id }) => api.fetch(`/v1/jobs/${id}?wait=1`));
    await Promise.all(waiting);
    const looks = queries.mock.calls.filter(([query]: unknown[]) => (query as { name?: string }).name === 'job_versions');
    queries.mockRestore();
    expect(looks.length).toBeGreaterThan(2);
    expect(looks.length).toBeLessThan(25);
  });

  test('does not go on waiting for a client that has left', async () => {
    const { id } = await createJob();
    const client = new AbortController();
    const waiting = api.fetch(`/v1/jobs/${id}?wait=60`, { signal: client.signal });
    await new Promise((resolve) => setTimeout(resolve, 200));
    client.abort();
    await expect(waiting).rejects.toThrow(/abort/);
    await eventually(() => api.log.some(({ path, status }) => path === `/v1/jobs/${id}` && status === 499));
  });

  test('knows no other jobs, and no other parameters', async () => {
    await expectProblem(await api.fetch(`/v1/jobs/${nowhere}`), 404, 'not_found');
    await expectProblem(await api.fetch('/v1/jobs/1'), 404, 'not_found');
    const { id } = await createJob();
    for (const query of ['wait=x', 'wait=-1', 'wat=1', 'wait=1&wait=2']) {
      await expectProblem(await api.fetch(`/v1/jobs/${id}?${query}`), 422, 'validation_failed');
    }
  });
});

describe('GET /v1/jobs', () => {
  test('pages through all jobs, newest first, whatever is created meanwhile', async () => {
    const created: string[] = [];
    for (let count = 0; count < 5; count++) created.unshift((await createJob()).id);

    const seen: string[] = [];
    let next: string | undefined = '/v1/jobs?limit=2&status=queued';
    while (next && seen.length < 5) {
      const answer: Response = await api.fetch(next);
      const page = JobList.parse(await answer.json());
      expect(page.data).toHaveLength(2);
      seen.push(...page.data.map(({ id }) => id));
      next = /^<(.*)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
      expect(page.has_more).toBe(next !== undefined);
      expect(next).toContain(page.next_cursor);
      await createJob();
    }
    expect(seen.slice(0, 5)).toEqual(created);
  });

  test('ends with a page that says so', async () => {
    const alone = await createJob();
    await api.finish(alone.id);
    const answer = await api.fetch('/v1/jobs?status=canceled');
    expect(await answer.json()).toEqual({ data: [], has_more: false, next_cursor: null });
    expect(answer.headers.get('link')).toBeNull();
  });

  test('filters by status', async () => {
    const { id } = await createJob();
    await api.finish(id);
    const { data } = JobList.parse(await (await api.fetch('/v1/jobs?status=completed&limit=200')).json());
    expect(data.map((job) => job.id)).toContain(id);
    expect(new Set(data.map(({ status }) => status))).toEqual(new Set(['completed']));
  });

  test('filters by batch, on every page', async () => {
    const upload = (await (await api.fetch('/v1/uploads', post(photo, { 'Content-Type': 'image/jpeg' }))).json()) as {
      id: string;
    };
    const body = { jobs: [1, 2, 3].map(() => ({ source: { upload_id: upload.id }, outputs: [thumb] })) };
    const batch = (await (await api.fetch('/v1/batches', json(body))).json()) as { id: string };

    const first = await api.fetch(`/v1/jobs?batch_id=${batch.id}&limit=2`);
    const next = /^<(.*)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const pages = [first, await api.fetch(next)].map(async (page) => JobList.parse(await page.json()).data);

    expect((await Promise.all(pages)).flat().map(({ batch_id }) => batch_id)).toEqual([batch.id, batch.id, batch.id]);
  });

  test.each([
    'batch_id=1',
    'limit=0',
    'limit=201',
    'limit=x',
    'status=done',
    'cursor=x',
    'cursor=W10',
    `cursor=${'a'.repeat(300)}`,
    'page=2',
    'status=queued&status=running',
  ])('refuses ?%s', async (query) => {
    const problem = await expectProblem(await api.fetch(`/v1/jobs?${query}`), 422, 'validation_failed');
    expect(problem.errors?.[0]?.pointer).toBe(`/${query.split('=')[0]}`);
  });
});

describe('POST /v1/jobs/{id}/cancel', () => {
  const cancel = (id: string) => api.fetch(`/v1/jobs/${id}/cancel`, { method: 'POST' });

  test('cancels a queued job at once, and says so again', async () => {
    const { id } = await createJob();
    for (let time = 0; time < 2; time++) {
      const answer = await cancel(id);
      expect(answer.status).toBe(200);
      expect(JobDocument.parse(await answer.json())).toMatchObject({ status: 'canceled', outputs: [{ status: 'canceled' }] });
    }
  });

  test('asks the worker of a running job', async () => {
    const { id } = await createJob();
    const { token } = await api.claim(id);
    const answer = await cancel(id);
    expect(answer.status).toBe(202);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(JobDocument.parse(await answer.json())).toMatchObject({ status: 'running' });
    expect(await api.leases.extend(id, token, 30, { stage: 'process', outputsDone: 0 })).toBe('cancel');
  });

  test('is refused for a job that has finished, and for none', async () => {
    const { id } = await createJob();
    await api.finish(id);
    await expectProblem(await cancel(id), 409, 'job_finished');
    await expectProblem(await cancel(nowhere), 404, 'not_found');
    await expectProblem(await cancel('x'), 404, 'not_found');
  });
});

describe('POST /v1/jobs/{id}/retry', () => {
  const retry = (id: string) => api.fetch(`/v1/jobs/${id}/retry`, { method: 'POST' });
  const broken = { name: 'other', status: 'failed', code: 'invalid_operation' } as const;

  async function failedJob(): Promise<JobDocument> {
    const job = await createJob({ outputs: [thumb, { name: 'other' }] });
    await api.finish(job.id, { outcomes: [broken] });
    return getJob(job.id);
  }

  test('queues a failed job again, deletes the files that are made again, and wakes a worker', async () => {
    const failed = await failedJob();
    const files = await api.storedKeys();
    const queue = api.app.get<Queue>(getQueueToken(QUEUE));
    await eventually(async () => (await queue.getJob('wake')) !== undefined);
    await queue.drain();

    const answer = await retry(failed.id);

    expect(answer.status).toBe(202);
    expect(answer.headers.get('retry-after')).toBe('1');
    const queued = JobDocument.parse(await answer.json());
    expect(queued).toMatchObject({
      id: failed.id,
      status: 'queued',
      error: null,
      finished_at: null,
      outputs: [{ status: 'queued' }, {}],
    });
    expect(answer.headers.get('etag')).toBe((await api.fetch(`/v1/jobs/${failed.id}`)).headers.get('etag'));
    expect(await api.storedKeys()).toHaveLength(files.length - 1);
    await eventually(async () => (await queue.getJob('wake')) !== undefined);
    await api.finish(failed.id);
    expect(await getJob(failed.id)).toMatchObject({ status: 'completed', attempt: 2 });
  });

  test('is refused for a job that has not failed, and for none', async () => {
    const { id } = await createJob();
    await expectProblem(await retry(id), 409, 'job_not_failed');
    await api.finish(id);
    await expectProblem(await retry(id), 409, 'job_not_failed');
    await expectProblem(await retry(nowhere), 404, 'not_found');
    await expectProblem(await retry('x'), 404, 'not_found');
  });

  test('is refused when the files of the job are gone', async () => {
    const { id } = await failedJob();
    await api.dataSource.query('update job set results_expired_at = now() where id = $1', [id]);
    await expectProblem(await retry(id), 410, 'results_expired');
  });

  test('is refused while an unfinished job reads one of its outputs', async () => {
    const { id } = await failedJob();
    await createJob({ source: { job_id: id, output: 'thumb' } });
    await expectProblem(await retry(id), 409, 'in_use');
  });
});

describe('DELETE /v1/jobs/{id}', () => {
  const remove = (id: string) => api.fetch(`/v1/jobs/${id}`, { method: 'DELETE' });

  test('removes the job, its source and its outputs', async () => {
    const files = await api.storedKeys();
    const { id } = await createJob();
    await api.finish(id);
    expect(await api.storedKeys()).toHaveLength(files.length + 2);

    const answer = await remove(id);
    expect(answer.status).toBe(204);
    expect(await answer.text()).toBe('');
    expect((await api.storedKeys()).sort()).toEqual(files.sort());
    await expectProblem(await api.fetch(`/v1/jobs/${id}`), 404, 'not_found');
    await expectProblem(await remove(id), 404, 'not_found');
  });

  test('is refused while the job is running', async () => {
    const { id } = await createJob();
    await api.claim(id);
    await expectProblem(await remove(id), 409, 'job_running');
  });

  test('is refused while an unfinished job reads one of its outputs', async () => {
    const { id } = await createJob();
    await api.finish(id);
    await createJob({ source: { job_id: id, output: 'thumb' } });
    await expectProblem(await remove(id), 409, 'in_use');
  });

  test('succeeds for the client when only the files cannot be deleted', async () => {
    const { id } = await createJob();
    const failing = jest.spyOn(api.storage, 'delete').mockRejectedValueOnce(new Error('disk on fire'));
    expect((await remove(id)).status).toBe(204);
    expect(api.log).toContainEqual(expect.objectContaining({ msg: 'files not deleted', job_id: id }));
    failing.mockRestore();
  });
});
