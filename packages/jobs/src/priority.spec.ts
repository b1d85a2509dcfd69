/** That urgent jobs come first, and that no class waits for ever. */
import { JobLeases, type ClaimedJob } from './job-leases.js';
import { claimOrder, priorities, priorityOf, type Priority } from './priority.js';
import { claimOptions, image, JobDatabase, newJob, source } from './spec/job-database.js';

const classes: readonly Priority[] = ['interactive', 'normal', 'bulk'];

describe('claimOrder', () => {
  const draws = Array.from({ length: 1200 }, (_, index) => claimOrder((index + 0.5) / 1200));

  test('begins with interactive jobs 8 times in 12, with normal ones 3 times, with bulk once', () => {
    const first = classes.map((name) => draws.filter(([value]) => value === priorities[name]).length);

    expect(first).toEqual([800, 300, 100]);
  });

  test('names every class once, the others in the order of their urgency', () => {
    expect([...new Set(draws.map((order) => order.map(priorityOf).join(' ')))].toSorted()).toEqual([
      'bulk interactive normal',
      'interactive normal bulk',
      'normal interactive bulk',
    ]);
  });

  test('has an answer for the least and the greatest random number', () => {
    expect(claimOrder(0).map(priorityOf)).toEqual(['interactive', 'normal', 'bulk']);
    expect(claimOrder(1 - Number.EPSILON / 2).map(priorityOf)).toEqual(['bulk', 'interactive', 'normal']);
  });
});

describe('claims', () => {
  let jobs: JobDatabase;
  let leases: JobLeases;
  beforeEach(async () => {
    jobs = await JobDatabase.open();
    leases = new JobLeases(jobs.dataSource, inTurn());
  });
  afterEach(() => jobs.close());

  test('come to bulk and normal jobs although there is always interactive work', async () => {
    await submit('bulk', 10);
    await submit('normal', 10);
    const claimed: Priority[] = [];

    for (let claim = 0; claim < 36; claim += 1) {
      await submit('interactive', 2);
      claimed.push(...(await leases.claim(1, claimOptions())).map(priority));
    }

    expect(shares(claimed)).toEqual({ interactive: 24, normal: 9, bulk: 3 });
  });

  test('take interactive jobs before a long backlog of bulk ones that came earlier', async () => {
    await submit('bulk', 500);
    await submit('interactive', 8);

    const claimed = await leases.claim(3, claimOptions());
    while (claimed.length < 9) claimed.push(...(await leases.claim(3, claimOptions())));

    expect(shares(claimed.map(priority))).toEqual({ interactive: 8, normal: 0, bulk: 1 });
  });

  test('take what there is when no job is of the class whose turn it is', async () => {
    await submit('bulk', 12);

    const claims = Array.from({ length: 12 }, () => leases.claim(1, claimOptions()));

    expect(shares((await Promise.all(claims)).flat().map(priority))).toEqual({ interactive: 0, normal: 0, bulk: 12 });
  });

  test('that come with the end of a job keep to the same shares', async () => {
    await submit('bulk', 10);
    await submit('normal', 10);
    await submit('interactive', 10);

    const claimed = await leases.claim(1, claimOptions());
    for (const { id, leaseToken, outputs } of claimed) {
      const results = { source, outputs: outputs.map(({ name }) => image(name)) };
      const { next } = await leases.complete(id, leaseToken, results, claimOptions());
      if (next && claimed.length < 12) claimed.push(next);
    }

    expect(shares(claimed.map(priority))).toEqual({ interactive: 8, normal: 3, bulk: 1 });
  });

  async function submit(name: Priority, count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => jobs.intake.create(newJob({ priority: name }))));
  }
});

/** Every share of the random numbers once, then again. */
function inTurn(): () => readonly number[] {
  let claims = 0;
  return () => claimOrder((claims++ % 12) / 12);
}

function priority(job: ClaimedJob): Priority {
  return priorityOf(job.priority);
}

function shares(claimed: readonly Priority[]): Record<Priority, number> {
  const [interactive, normal, bulk] = classes.map((name) => claimed.filter((one) => one === name).length);
  return { interactive, normal, bulk } as Record<Priority, number>;
}
