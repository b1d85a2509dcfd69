import { v7 as uuidv7 } from 'uuid';
import { JobHistory, JobTransition } from './job-history.js';
import { JobDatabase, newJob } from './spec/job-database.js';

let jobs: JobDatabase;
let history: JobHistory;
beforeEach(async () => {
  jobs = await JobDatabase.open();
  history = new JobHistory(jobs.dataSource);
});
afterEach(() => jobs.close());

test('the history begins with the creation and goes on with every change of status, with attempt and error', async () => {
  const { id, createdAt } = await jobs.intake.create(newJob());
  const first = await jobs.claim({ id });
  await jobs.leases.extend(id, first.leaseToken, 30, { stage: 'process', outputsDone: 0 });
  await jobs.leases.retry(id, first.leaseToken, { code: 'storage_unavailable', detail: 'It is away.' });
  await jobs.passTime({ id });
  const second = await jobs.claim({ id });
  await jobs.leases.fail(id, second.leaseToken, { code: 'corrupt_image' });

  const transitions = await history.find(id);

  for (const transition of transitions ?? []) JobTransition.parse(transition);
  const { finishedAt } = await jobs.read({ id });
  const at = expect.any(String);
  expect(transitions).toEqual([
    { version: 1, status: 'queued', at: createdAt.toISOString(), attempt: 0, error: null },
    { version: 2, status: 'running', at, attempt: 1, error: null },
    {
      version: 4,
      status: 'queued',
      at,
      attempt: 1,
      error: { code: 'storage_unavailable', title: expect.any(String), detail: 'It is away.', retryable: true },
    },
    { version: 5, status: 'running', at, attempt: 2, error: null },
    {
      version: 6,
      status: 'failed',
      at: finishedAt?.toISOString(),
      attempt: 2,
      error: { code: 'corrupt_image', title: expect.any(String), detail: null, retryable: false },
    },
  ]);
  const times = transitions?.map((transition) => transition.at);
  expect(times).toEqual(times?.toSorted());
});

test('a history can begin after a version', async () => {
  const { id } = await jobs.completed();

  expect((await history.find(id, 1))?.map(({ version }) => version)).toEqual([2, 3]);
  expect(await history.find(id, 3)).toEqual([]);
  expect(await history.find(id, 99)).toEqual([]);
});

test('a job that there is not has no history', async () => {
  expect(await history.find(uuidv7())).toBeUndefined();
});

test('news are the job with what has happened since; those asked for at a time do not mix', async () => {
  const completed = await jobs.completed();
  const running = await jobs.running();

  const news = await Promise.all([
    history.news(running.id, 1),
    history.news(uuidv7(), 0),
    history.news(completed.id, 2),
    history.news(running.id, 2),
    history.news(completed.id, 0),
  ]);

  expect(news.map((one) => one?.job)).toEqual([
    await jobs.read(running),
    undefined,
    completed,
    await jobs.read(running),
    completed,
  ]);
  expect(news.map((one) => one?.transitions.map(({ version, status }) => [version, status]))).toEqual([
    [[2, 'running']],
    undefined,
    [[3, 'completed']],
    [],
    [
      [1, 'queued'],
      [2, 'running'],
      [3, 'completed'],
    ],
  ]);
});
