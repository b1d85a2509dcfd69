import { JobDocument, JobIntake } from '@tintype/jobs';
import { eventually } from '@tintype/testing';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { EventClient } from '../spec/event-client.js';
import { expectProblem } from '../spec/problem.js';
import { inline, json, thumb } from '../spec/requests.js';
import { JobHistoryDocument } from './events-requests.js';

const nowhere = '0198c0de-0000-7000-8000-000000000001';

let api: ApiUnderTest;
const clients: EventClient[] = [];
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.leave();
  await eventually(async () => (await sample('event_streams_open')) === 0);
});
afterAll(() => api.close());

async function createJob(...names: string[]): Promise<string> {
  const outputs = (names.length > 0 ? names : ['thumb']).map((name) => ({ ...thumb, name }));
  const answer = await api.fetch('/v1/jobs', json({ source: inline(), outputs }));
  return JobDocument.parse(await answer.json()).id;
}

async function follow(id: string, lastEventId?: number, query = ''): Promise<EventClient> {
  const client = await EventClient.open(`${api.url}/v1/jobs/${id}/events${query}`, lastEventId);
  clients.push(client);
  return client;
}

/** The value of a series, as `/metrics` writes it. */
async function sample(series: string): Promise<number | undefined> {
  const lines = (await (await api.fetch('/metrics')).text()).split('\n');
  const line = lines.find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length));
}

describe('GET /v1/jobs/{id}/events', () => {
  test('tells how the job is now, then every change in its order, and ends with the job', async () => {
    const id = await createJob('a', 'b');
    const client = await follow(id);
    await client.got(1);
    const { token, job } = await api.claim(id);
    await client.got('job.running');
    await api.leases.extend(id, token, 30, { stage: 'process', outputsDone: 1 });
    await client.got('job.progress');
    await api.leases.fail(id, token, { code: 'corrupt_image', output: 'b' });
    await client.end();

    expect(client.types).toEqual(['job.queued', 'job.running', 'job.progress', 'job.failed']);
    expect(client.ids).toEqual([1, 2, 3, 4]);
    for (const { type, body } of client.events) expect(body.type).toBe(type);
    const [queued, running, progress, failed] = client.events.map(({ body }) => body);
    expect(queued).toMatchObject({ timestamp: job.createdAt.toISOString(), data: { id, status: 'queued' } });
    expect(running).toMatchObject({ timestamp: job.startedAt?.toISOString(), data: { status: 'running', attempt: 1 } });
    expect(progress?.data.progress).toEqual({ stage: 'process', outputs_done: 1, outputs_total: 2, percent: 50 });
    expect(failed?.data).toMatchObject({ status: 'failed', error: { code: 'corrupt_image', output: 'b' } });
    expect(failed?.timestamp).toBe(failed?.data.finished_at);
    expect(failed?.data).toEqual(await (await api.fetch(`/v1/jobs/${id}`)).json());
  });

  test('says that it is a stream, and when to come again', async () => {
    const client = await follow(await createJob());
    await client.got(1);
    expect(Object.fromEntries(client.answer.headers)).toMatchObject({
      'content-type': expect.stringMatching(/^text\/event-stream/),
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    });
    expect(client.others).toEqual(['retry: 1000']);
  });

  test('misses no change of status, however quick they are', async () => {
    const id = await createJob();
    const client = await follow(id);
    await client.got(1);
    for (let time = 0; time < 10; time++) {
      const { token } = await api.claim(id);
      await api.leases.release(id, token);
    }
    await api.finish(id);
    await client.end();

    const turns = Array.from({ length: 10 }, () => ['job.running', 'job.queued']).flat();
    expect(client.types).toEqual(['job.queued', ...turns, 'job.running', 'job.completed']);
    expect(client.ids).toEqual(client.ids.map((_, index) => index + 1));
  });

  test('puts together progress that is quicker than it looks', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `o${index}`);
    const id = await createJob(...names);
    const client = await follow(id);
    const { token } = await api.claim(id);
    await client.got('job.running');
    for (let done = 1; done <= 20; done++) await api.leases.extend(id, token, 30, { stage: 'process', outputsDone: done });
    await eventually(() => client.events.at(-1)?.body.data.progress.outputs_done === 20);

    const progress = client.events.filter(({ type }) => type === 'job.progress');
    expect(progress.length).toBeLessThan(10);
    const done = progress.map(({ body }) => body.data.progress.outputs_done);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(client.ids).toEqual(client.ids.toSorted((a, b) => a - b));
  });

  test('with Last-Event-ID, goes on where the client had got to', async () => {
    const id = await createJob();
    const before = await follow(id);
    await before.got(1);
    before.leave();
    const { token } = await api.claim(id);
    await api.leases.extend(id, token, 30, { stage: 'process', outputsDone: 0 });
    await api.leases.release(id, token);
    const again = await api.claim(id);
    await api.leases.extend(id, again.token, 30, { stage: 'store', outputsDone: 1 });

    const client = await follow(id, 1);
    await client.got(4);
    expect(client.types).toEqual(['job.running', 'job.queued', 'job.running', 'job.progress']);
    expect(client.ids).toEqual([2, 4, 5, 6]);
    for (const { body } of client.events) expect(body.data).toMatchObject({ status: 'running', progress: { stage: 'store' } });

    await api.leases.complete(id, again.token, { outputs: [{ name: 'thumb', status: 'completed', value: 1 }] });
    await client.end();
    expect(client.types.slice(4)).toEqual(['job.completed']);
  });

  test('tells a client that is up to date nothing until something happens', async () => {
    const id = await createJob();
    const client = await follow(id, 1);
    await api.finish(id);
    await client.end();
    expect(client.types).toEqual(['job.running', 'job.completed']);
  });

  test('takes the id of the last event as a parameter, too; the header is newer', async () => {
    const id = await createJob();
    await api.finish(id);
    const byQuery = await follow(id, undefined, '?last_event_id=1');
    await byQuery.end();
    expect(byQuery.ids).toEqual([2, 3]);
    const byBoth = await follow(id, 2, '?last_event_id=1');
    await byBoth.end();
    expect(byBoth.ids).toEqual([3]);
    await expectProblem(await api.fetch(`/v1/jobs/${id}/events?last_event_id=x`), 422, 'validation_failed');
    await expectProblem(await api.fetch(`/v1/jobs/${id}/events?last=1`), 422, 'validation_failed');
  });

  test('tells how the job is now to who knows a version that there is not, as after the restore of a backup', async () => {
    const id = await createJob();
    await api.claim(id);
    const client = await follow(id, 50);
    await client.got(1);
    expect(client.events).toMatchObject([{ id: 2, type: 'job.running' }]);
  });

  test('of a job that has ended is its end alone, and 204 for who has seen that', async () => {
    const id = await createJob();
    await api.finish(id);
    const client = await follow(id);
    await client.end();
    expect(client.events).toMatchObject([{ id: 3, type: 'job.completed' }]);

    for (const lastEventId of ['3', '4']) {
      const answer = await api.fetch(`/v1/jobs/${id}/events`, { headers: { 'Last-Event-ID': lastEventId } });
      expect(answer.status).toBe(204);
      expect(await answer.text()).toBe('');
    }
  });

  test('ends with the end of the job, also when its files have been deleted since', async () => {
    const id = await createJob();
    await api.finish(id);
    await api.dataSource.query('update job set results_expired_at = now(), version = version + 1 where id = $1', [id]);

    const client = await follow(id, 1);
    await client.end();
    expect(client.types).toEqual(['job.running', 'job.completed']);
    expect(client.ids).toEqual([2, 3]);
    expect((await api.fetch(`/v1/jobs/${id}/events`, { headers: { 'Last-Event-ID': '3' } })).status).toBe(204);
  });

  test('goes on when a failed job is tried again', async () => {
    const id = await createJob();
    const { token } = await api.claim(id);
    await api.leases.fail(id, token, { code: 'corrupt_image' });
    await api.app.get(JobIntake).retry(id);

    const client = await follow(id, 2);
    await client.got(2);
    await api.finish(id);
    await client.end();
    expect(client.types).toEqual(['job.failed', 'job.queued', 'job.running', 'job.completed']);
  });

  test('ends when the job is deleted', async () => {
    const id = await createJob();
    const client = await follow(id);
    await client.got(1);
    expect((await api.fetch(`/v1/jobs/${id}`, { method: 'DELETE' })).status).toBe(204);
    await client.end();
    expect(client.types).toEqual(['job.queued']);
    await expectProblem(await api.fetch(`/v1/jobs/${id}/events`), 404, 'not_found');
  });

  test('knows no other jobs, and no other media types', async () => {
    await expectProblem(await api.fetch(`/v1/jobs/${nowhere}/events`), 404, 'not_found');
    await expectProblem(await api.fetch('/v1/jobs/1/events'), 404, 'not_found');
    const accept = (type: string) => ({ headers: { Accept: type } });
    const path = `/v1/jobs/${await createJob()}/events`;
    await expectProblem(await api.fetch(path, accept('application/json')), 406, 'not_acceptable');
    const { status, body } = await api.fetch(path, accept('text/*'));
    expect(status).toBe(200);
    await body?.cancel();
  });

  test('has a head', async () => {
    const answer = await api.fetch(`/v1/jobs/${await createJob()}/events`, { method: 'HEAD' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(await answer.text()).toBe('');
  });

  test('costs one query at a time, however many follow', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => createJob()));
    const followers = await Promise.all(ids.flatMap((id) => [follow(id), follow(id)]));
    await Promise.all(followers.map((client) => client.got(1)));
    const queries = jest.spyOn((api.dataSource.driver as unknown as { master: { query(): unknown } }).master, 'query');
    const looks = () =>
      queries.mock.calls.filter(([query]: unknown[]) => (query as { name?: string }).name === 'job_versions').length;
    const started = performance.now();
    await eventually(() => looks() >= 5);
    const seconds = (performance.now() - started) / 1000;
    const all = queries.mock.calls.length;
    queries.mockRestore();
    expect(looks()).toBeLessThan(20 * seconds + 2);
    expect(all).toBeLessThan(10);
  });

  test('is counted while it is open, by its events, and not among the times of answers', async () => {
    const id = await createJob();
    const sent = 'job_events_sent_total{type="job.canceled"}';
    const answered = 'http_requests_total{method="GET",route="/v1/jobs/:id/events",status_code="200"}';
    const timed = 'http_request_duration_seconds_count{status_class="2xx",method="GET",route="/v1/jobs/:id/events"}';
    const samples = () => Promise.all([sent, answered, timed].map((series) => sample(series)));
    const before = await samples();
    const client = await follow(id);
    await client.got(1);
    expect(await sample('event_streams_open')).toBe(1);
    await api.app.get(JobIntake).cancel(id);
    await client.end();

    await eventually(() => api.log.some(({ path, status }) => path === `/v1/jobs/${id}/events` && status === 200));
    const [sentBefore = 0, answeredBefore = 0, timedBefore] = before;
    expect(await samples()).toEqual([sentBefore + 1, answeredBefore + 1, timedBefore]);
  });

  test('of a client that leaves is over at once', async () => {
    const client = await follow(await createJob());
    await client.got(1);
    expect(await sample('event_streams_open')).toBe(1);
    client.leave();
    await eventually(async () => (await sample('event_streams_open')) === 0);
  });
});

describe('GET /v1/jobs/{id}/history', () => {
  test('has every change of status', async () => {
    const id = await createJob();
    const { token } = await api.claim(id);
    await api.leases.retry(id, token, { code: 'storage_unavailable' });
    const answer = await api.fetch(`/v1/jobs/${id}/history`);
    expect(answer.status).toBe(200);
    expect(JobHistoryDocument.parse(await answer.json()).data).toMatchObject([
      { version: 1, status: 'queued', attempt: 0, error: null },
      { version: 2, status: 'running', attempt: 1, error: null },
      { version: 3, status: 'queued', attempt: 1, error: { code: 'storage_unavailable', retryable: true } },
    ]);
  });

  test('knows no other jobs', async () => {
    await expectProblem(await api.fetch(`/v1/jobs/${nowhere}/history`), 404, 'not_found');
  });
});
