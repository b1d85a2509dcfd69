import { JobDatabase } from './spec/job-database.js';
import { UpkeepTurns } from './upkeep-turns.js';

let jobs: JobDatabase;
let turns: UpkeepTurns;
beforeEach(async () => {
  jobs = await JobDatabase.open();
  turns = new UpkeepTurns(jobs.dataSource);
});
afterEach(() => jobs.close());

async function passMinutes(minutes: number): Promise<void> {
  await jobs.dataSource.query(
    'update upkeep set active_at = active_at - make_interval(mins => $1), succeeded_at = succeeded_at - make_interval(mins => $1)',
    [minutes],
  );
}

test('one of many takes a task', async () => {
  for (let round = 0; round < 10; round++) {
    const taken = await Promise.all(Array.from({ length: 5 }, () => turns.take(`task ${round}`, 3600)));
    expect(taken.filter((turn) => turn.taken)).toHaveLength(1);
  }
});

test('the others learn when it was done, and take it when it is due again', async () => {
  expect(await turns.take('sweep', 3600)).toEqual({ taken: true, succeededAt: null });
  await turns.succeeded('sweep');

  expect(await turns.take('sweep', 3600)).toEqual({ taken: false, succeededAt: expect.any(Date) });
  expect(await turns.take('another', 3600)).toMatchObject({ taken: true });
  await passMinutes(61);
  expect(await turns.take('sweep', 3600)).toEqual({ taken: true, succeededAt: expect.any(Date) });
});

test('who is still active keeps it, who died loses it', async () => {
  await turns.take('sweep', 3600);
  await passMinutes(59);
  await turns.stillActive('sweep');
  await passMinutes(59);
  expect(await turns.take('sweep', 3600)).toMatchObject({ taken: false });
  await passMinutes(2);
  expect(await turns.take('sweep', 3600)).toMatchObject({ taken: true });
});

test('a task that was given up is taken at once', async () => {
  await turns.take('sweep', 3600);
  await turns.giveUp('sweep');

  expect(await turns.take('sweep', 3600)).toEqual({ taken: true, succeededAt: null });
});
