import { setImmediate as turn } from 'node:timers/promises';
import { GatheredCalls } from './gathered-calls.js';

interface Settle {
  readonly resolve: (results: readonly string[]) => void;
  readonly reject: (error: unknown) => void;
}

/** GatheredCalls whose trips end when the test says so. */
function batches() {
  const trips: ({ items: readonly string[] } & Settle)[] = [];
  const made = new GatheredCalls<string, string>(
    (items) => new Promise((resolve, reject) => trips.push({ items: [...items], resolve, reject })),
  );
  return { made, trips };
}

function refusal(): Error {
  return Object.assign(new Error('duplicate key'), { code: '23505' });
}

test('the first goes at once, and what comes while two trips are under way goes together', async () => {
  const { made, trips } = batches();
  const results = ['a', 'b', 'c', 'd', 'e'].map((item) => made.run(item));
  expect(trips.map(({ items }) => items)).toEqual([['a'], ['b']]);

  trips[0]?.resolve(['A']);
  await turn();
  expect(trips.map(({ items }) => items)).toEqual([['a'], ['b'], ['c', 'd', 'e']]);
  trips[1]?.resolve(['B']);
  trips[2]?.resolve(['C', 'D', 'E']);
  expect(await Promise.all(results)).toEqual(['A', 'B', 'C', 'D', 'E']);
});

test('a batch is limited, so that a statement does not grow without end', async () => {
  const { made, trips } = batches();
  for (let item = 0; item < 102; item += 1) void made.run(`${item}`);
  trips[0]?.resolve(['']);
  await turn();
  expect(trips.map(({ items }) => items.length)).toEqual([1, 1, 50]);
});

test('an item that the database refuses fails alone', async () => {
  const { made, trips } = batches();
  const results = ['a', 'b', 'good', 'bad'].map((item) => made.run(item));
  const settled = Promise.allSettled(results);
  trips[0]?.resolve(['A']);
  await turn();
  trips[2]?.reject(refusal());
  await turn();
  expect(trips[3]?.items).toEqual(['good']);
  trips[3]?.resolve(['GOOD']);
  await turn();
  expect(trips[4]?.items).toEqual(['bad']);
  trips[4]?.reject(refusal());
  trips[1]?.resolve(['B']);
  expect((await settled).map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason)))).toEqual([
    'A',
    'B',
    'GOOD',
    'Error: duplicate key',
  ]);
});

test('a trip that never arrived fails for all, as nobody knows what became of it', async () => {
  const { made, trips } = batches();
  const results = ['a', 'b', 'c', 'd'].map((item) => made.run(item));
  const settled = Promise.allSettled(results);
  trips[0]?.reject(new Error('connection lost'));
  await turn();
  trips[1]?.reject(new Error('connection lost'));
  trips[2]?.reject(new Error('connection lost'));
  expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
  expect(trips).toHaveLength(3);
});
