import { jobDocument, JobDocument } from './job-document.js';
import { image, JobDatabase, newJob, outputs, source, storedFile } from './spec/job-database.js';
import { v7 as uuidv7 } from 'uuid';

let jobs: JobDatabase;
beforeAll(async () => {
  jobs = await JobDatabase.open();
});
afterAll(() => jobs.close());

test('a new job shows what is known of it', async () => {
  const job = await jobs.intake.create(newJob({ metadata: { order: 7 } }));

  const document = jobDocument(job);

  expect(JobDocument.parse(document)).toEqual(document);
  expect(document).toEqual({
    id: job.id,
    object: 'job',
    status: 'queued',
    created_at: job.createdAt.toISOString(),
    started_at: null,
    finished_at: null,
    priority: 'normal',
    progress: { stage: null, outputs_done: 0, outputs_total: 1, percent: 0 },
    attempt: 0,
    max_attempts: 5,
    source: { kind: 'file', format: 'png', bytes: 1234, sha256: job.inputs[0]?.sha256, width: null, height: null, pages: null },
    outputs: [
      {
        name: 'small',
        status: 'queued',
        url: null,
        format: null,
        media_type: null,
        width: null,
        height: null,
        pages: null,
        bytes: null,
        sha256: null,
        error: null,
      },
    ],
    error: null,
    last_error: null,
    results_expired_at: null,
    batch_id: null,
    metadata: { order: 7 },
    links: {
      self: `/v1/jobs/${job.id}`,
      events: `/v1/jobs/${job.id}/events`,
      cancel: `/v1/jobs/${job.id}/cancel`,
      retry: `/v1/jobs/${job.id}/retry`,
    },
  });
});

test('the outputs of a running job are running', async () => {
  expect(jobDocument(await jobs.running())).toMatchObject({ status: 'running', attempt: 1, outputs: [{ status: 'running' }] });
});

test('a running job shows how far it is, and a job that waits for another attempt why', async () => {
  const job = await jobs.running({ outputs: outputs('a', 'b', 'c') });
  await jobs.leases.extend(job.id, job.leaseToken, 30, { stage: 'process', outputsDone: 2 });
  const running = jobDocument(await jobs.read(job));
  expect(running.progress).toEqual({ stage: 'process', outputs_done: 2, outputs_total: 3, percent: 66 });

  await jobs.leases.retry(job.id, job.leaseToken, { code: 'storage_unavailable', detail: 'no answer' });

  const waiting = jobDocument(await jobs.read(job));
  expect(waiting).toMatchObject({ status: 'queued', progress: { stage: null, outputs_done: 0 }, error: null });
  expect(waiting.last_error).toMatchObject({ code: 'storage_unavailable', detail: 'no answer', retryable: true });
});

test('a finished job shows its results, where they are, and what went wrong', async () => {
  const job = await jobs.running({ outputs: outputs('image', 'analysis', 'bad') });
  await jobs.leases.complete(job.id, job.leaseToken, {
    source,
    outputs: [
      image('image'),
      { name: 'analysis', status: 'completed', value: 'q1oC' },
      { name: 'bad', status: 'failed', code: 'invalid_operation', detail: 'outside' },
    ],
  });

  const document = jobDocument(await jobs.read(job), { baseUrl: 'https://images.example' });

  expect(JobDocument.parse(document)).toEqual(document);
  const error = { code: 'invalid_operation', title: expect.any(String), detail: 'outside', retryable: false };
  const url = `https://images.example/v1/jobs/${job.id}`;
  expect(document).toMatchObject({
    status: 'failed',
    progress: { outputs_done: 2, outputs_total: 3 },
    source: { width: 96, height: 64, pages: 1 },
    outputs: [
      {
        name: 'image',
        status: 'completed',
        url: `${url}/outputs/image`,
        media_type: 'image/png',
        width: 48,
        bytes: 99,
        error: null,
      },
      { name: 'analysis', status: 'completed', url: `${url}/outputs/analysis`, value: 'q1oC', format: null },
      { name: 'bad', status: 'failed', url: null, error },
    ],
    error: { ...error, output: 'bad' },
    links: { self: url },
  });
  expect(document.outputs[0]).not.toHaveProperty('value');
});

test('the source tells where it came from', async () => {
  const upload = await jobs.uploads.create({ id: uuidv7(), ...storedFile() });
  const earlier = await jobs.completed();

  const sources = [{ upload_id: upload.id }, { job_id: earlier.id, output: 'small' }];
  const kinds = await Promise.all(
    sources.map(async (from) => jobDocument(await jobs.intake.create(newJob({ source: from }))).source.kind),
  );

  expect(kinds).toEqual(['upload', 'output']);
});

test('a source that is to be fetched is not known until it has been', async () => {
  const url = 'https://images.example/a.png';
  const job = await jobs.running({ source: { url } });
  expect(jobDocument(job).source).toMatchObject({ kind: 'url', url, format: null, bytes: null, sha256: null });

  expect(await jobs.leases.sourceFetched(job.id, job.leaseToken, storedFile())).toBe(true);

  expect(jobDocument(await jobs.read(job)).source).toMatchObject({ kind: 'url', url, format: 'png', bytes: 1234 });
});
