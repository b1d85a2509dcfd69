import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import { defaultLimits } from '@tintype/operations';
import type { RunRequest } from '@tintype/operations/run';
import { StorageError } from '@tintype/storage';
import { eventually } from '@tintype/testing';
import { ChildFailure } from './child-failure.js';
import { ChildPool, type ChildPoolOptions } from './child-pool.js';

const program = fileURLToPath(new URL('../testing/mischief-child.js', import.meta.url));
const megabyte = 2 ** 20;

describe('the pool of child processes', () => {
  let pool: ChildPool;
  let exits: string[];
  afterEach(() => pool.stop());

  async function start(options: Partial<ChildPoolOptions> = {}): Promise<void> {
    exits = [];
    pool = new ChildPool({
      program,
      limits: defaultLimits,
      size: 1,
      maxJobs: 1_000,
      memoryBytes: 500 * megabyte,
      jobTimeoutMs: 20_000,
      logger: new Logger('test', { timestamp: false }),
      onExit: (reason) => exits.push(reason),
      ...options,
    });
    await pool.start();
  }

  /** Runs a mischief; resolves to what the child told. */
  async function run(mischief: string, signal = new AbortController().signal): Promise<unknown> {
    const request: RunRequest = {
      source: '',
      images: {},
      outputs: [{ name: mischief, operations: [], analysis: 'metadata' }],
      directory: '',
      limits: defaultLimits,
    };
    let value: unknown;
    await pool.run(request, signal, (event) => {
      if (event.type === 'output' && event.result.status === 'completed' && event.result.kind === 'analysis')
        value = event.result.value;
    });
    return value;
  }

  function failure(mischief: string, signal?: AbortSignal): Promise<ChildFailure> {
    return run(mischief, signal).then(
      () => {
        throw new Error('It did not fail');
      },
      (error: ChildFailure) => error,
    );
  }

  test('has all its children started when it is ready, and reuses them', async () => {
    await start({ size: 2 });
    const pids = await Promise.all([run('pid'), run('pid')]);
    expect(new Set(pids).size).toBe(2);
    expect(pids).toContain(await run('pid'));
    expect(exits).toEqual([]);
  });

  test('lets children know nothing of the environment', async () => {
    process.env['PG_PASSWORD'] = 'secret';
    await start();
    expect(await run('environment')).toEqual(expect.arrayContaining(['UV_THREADPOOL_SIZE']));
    expect(await run('environment')).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(PG_|PATH|HOME|TINTYPE_)/)]));
    delete process.env['PG_PASSWORD'];
  });

  test.each([
    ['segfault', 'SIGSEGV'],
    ['sigkill', 'SIGKILL'],
    ['exit', 'exit code 7'],
    ['fault', 'Error: a bug'],
    ['babble', 'unexpected message'],
  ])('fails only the job whose child ends by %s', async (mischief, how) => {
    await start({ size: 2 });
    const innocent = Promise.all([run('pid'), run('pid'), run('pid')]);
    const crash = await failure(mischief);
    expect(crash).toBeInstanceOf(ChildFailure);
    expect(crash).toMatchObject({ reason: 'crashed', how });
    if (mischief === 'exit') expect(crash.stderr).toContain('last words');
    await innocent;
    await eventually(async () => new Set(await Promise.all([run('pid'), run('pid')])).size === 2);
    expect(exits).toEqual(['crashed']);
  });

  test('tells a full disk from a fault of the job', async () => {
    await start();
    await expect(run('full')).rejects.toBeInstanceOf(StorageError);
    expect(await run('pid')).toEqual(expect.any(Number));
    expect(exits).toEqual([]);
  });

  test('never gives a job to a child that has just ended', async () => {
    await start();
    const [crash, ...innocent] = await Promise.allSettled([run('sigkill'), run('pid'), run('pid'), run('pid')]);
    expect(crash.status).toBe('rejected');
    expect(innocent.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  });

  test.each(['spin', 'hang'])('kills a child that does nothing but %s at the deadline', async (mischief) => {
    await start({ jobTimeoutMs: 300 });
    const begun = performance.now();
    expect(await failure(mischief)).toMatchObject({ reason: 'timeout' });
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect(await run('pid')).toEqual(expect.any(Number));
    expect(exits).toEqual(['timeout']);
  });

  test('kills a child that holds more memory than it may', async () => {
    await start({ memoryBytes: 400 * megabyte });
    expect(await failure('swell')).toMatchObject({ reason: 'memory' });
    expect(exits).toEqual(['memory']);
  });

  test('kills the child of a job that nobody wants any more', async () => {
    await start();
    const unwanted = new AbortController();
    const ended = failure('spin', unwanted.signal);
    await sleep(50);
    const asked = performance.now();
    unwanted.abort();
    expect(await ended).toMatchObject({ reason: 'canceled' });
    expect(performance.now() - asked).toBeLessThan(500);
    await expect(run('nothing', unwanted.signal)).rejects.toMatchObject({ reason: 'canceled' });
  });

  test('lets a job that waits for a child be given up', async () => {
    await start();
    const busy = new AbortController();
    const waiting = new AbortController();
    const first = failure('hang', busy.signal);
    const second = failure('pid', waiting.signal);
    waiting.abort();
    expect(await second).toMatchObject({ reason: 'canceled' });
    busy.abort();
    await first;
    expect(await run('pid')).toEqual(expect.any(Number));
  });

  test('replaces a child after its share of jobs, and no job waits for the successor', async () => {
    await start({ maxJobs: 3 });
    const served = new Map<unknown, number>();
    await eventually(
      async () => {
        const pid = await run('pid');
        served.set(pid, (served.get(pid) ?? 0) + 1);
        return served.size === 3;
      },
      { timeoutMs: 30_000, everyMs: 5 },
    );
    // The old one served on until the new one was ready.
    expect([...served.values()].slice(0, 2).every((jobs) => jobs > 3)).toBe(true);
    await eventually(() => exits.length === 2);
    expect(exits).toEqual(['recycled', 'recycled']);
  });

  test('replaces a child that stays large after its job', async () => {
    await start({ memoryBytes: 120 * megabyte });
    const first = await run('pid');
    await eventually(async () => (await run('pid')) !== first);
    await eventually(() => exits.length > 0);
    expect(exits[0]).toBe('recycled');
  });

  test('replaces a child that dies idle', async () => {
    await start();
    const first = await run('pid');
    process.kill(Number(first), 'SIGKILL');
    expect(await eventually(() => run('pid').catch(() => undefined))).not.toBe(first);
    expect(exits).toEqual(['crashed']);
  });

  test('says why its children cannot be started', async () => {
    await expect(start({ program: '/nowhere/child.js' })).rejects.toMatchObject({
      how: 'exit code 1',
      stderr: expect.stringContaining('/nowhere/child.js'),
    });
    expect(pool.ready).toBe(false);
  });

  test('leaves no process behind when it stops', async () => {
    await start({ size: 2 });
    const pids = await Promise.all([run('pid'), run('pid')]);
    const running = failure('hang');
    await pool.stop();
    expect(await running).toMatchObject({ reason: 'stopped' });
    for (const pid of pids) expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
  });
});
