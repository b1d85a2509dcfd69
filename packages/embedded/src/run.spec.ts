/** `make run`, from what a clone has to what a person sees. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import sharp, { type Metadata } from 'sharp';
import { freePort, portIsFree } from './ports.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** Compiling everything takes its time on a busy machine. */
const limitMs = 300_000;
let checkout: string;
let env: NodeJS.ProcessEnv;
let ports: number[];
/** For PostgreSQL, when root runs this. */
let stateDirectory: string;

beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'tintype-checkout-'));
  await copySource();
  await linkPackages();
  ports = [await freePort(), await freePort()];
  const { PATH, HOME, TMPDIR } = process.env;
  stateDirectory = await mkdtemp(join(tmpdir(), 'tintype-state-'));
  env = { PATH, HOME, TMPDIR, STATE_DIR: stateDirectory, API_PORT: String(ports[0]), METRICS_PORT: String(ports[1]) };
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((run) => run.kill()));
});

afterAll(async () => {
  await embedded('clean-data.js').ended();
  for (const directory of [checkout, stateDirectory]) await rm(directory, { recursive: true, force: true });
});

test(
  'one command takes a clone to processed pictures and leaves nothing running',
  async () => {
    const run = new Run('make', ['run', 'ONCE=1']);

    const exitCode = await run.ended();
    expect(run.output).toMatch(/sample job +\d+\.\d\d s {2}packages\/embedded\/sample\.jpg as job/);
    expect(exitCode).toBe(0);
    expect(await picture('thumbnail.webp')).toMatchObject({ format: 'webp', width: 320, height: 213 });
    expect(await picture('square.avif')).toMatchObject({ format: 'heif', width: 240, height: 240 });
    expect(await picture('grayscale.jpg')).toMatchObject({ format: 'jpeg', width: 1200, height: 800 });
    expect(await picture('sepia.jpg')).toMatchObject({ format: 'jpeg', width: 1200, height: 800 });
    expect(await picture('blurred.png')).toMatchObject({ format: 'png', width: 320, height: 213 });
    expect(JSON.parse(await readFile(join(checkout, 'out', 'colour.json'), 'utf8'))).toMatch(/^#[0-9a-f]{6}$/);
    await expectNothingRuns();
  },
  limitMs,
);

test('a second run still has the jobs of the first, and Ctrl-C ends it in order', async () => {
  const run = embedded('run.js');
  await run.prints('Serving until Ctrl-C');

  const { data } = (await (await fetch(`http://localhost:${ports[0]}/v1/jobs`)).json()) as { data: { status: string }[] };
  expect(data.map(({ status }) => status)).toEqual(['completed', 'completed']);
  expect((await fetch(`http://localhost:${ports[1]}/metrics`)).status).toBe(200);

  run.process.kill('SIGINT');
  expect(await run.ended()).toBe(0);
  expect(run.output).toMatch(/Stopped\.$/);
  await expectNothingRuns();
});

test('no service outlives a run that was killed, and the next one takes its database over', async () => {
  const killed = embedded('run.js');
  await killed.prints('Serving until Ctrl-C');
  await killed.kill();
  while (!(await portsAreFree())) await sleep(50);

  const next = embedded('run.js', { ONCE: '1' });

  expect(await next.ended()).toBe(0);
  expect(next.output).toMatch(/PostgreSQL .* taken over/);
  await expectNothingRuns();
});

test('a busy port is named, with the setting that changes it', async () => {
  const other = createServer().listen(0);
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;

  const run = embedded('run.js', { METRICS_PORT: String(port) });

  expect(await run.ended()).toBe(1);
  expect(run.output).toMatch(new RegExp(`Port ${port} is in use by another program.*METRICS_PORT=\\d+ make run`));
  other.close();
});

test('clean-data removes what the runs have kept', async () => {
  expect(existsSync(join(checkout, '.data', 'images'))).toBe(true);

  expect(await embedded('clean-data.js').ended()).toBe(0);

  expect(existsSync(join(checkout, '.data'))).toBe(false);
  expect(await readdir(stateDirectory, { recursive: true })).not.toContain('PG_VERSION');
});

const started: Run[] = [];

/** A program in the copied checkout, and what it has printed. */
class Run {
  readonly process: ChildProcess;
  output = '';
  private readonly exit: Promise<number | null>;

  constructor(program: string, args: readonly string[], alsoEnv: NodeJS.ProcessEnv = {}) {
    // In a process group of its own, so that kill() reaches what it has started.
    this.process = spawn(program, args, {
      cwd: checkout,
      env: { ...env, ...alsoEnv },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.on('data', (text: Buffer) => (this.output += text.toString()));
    started.push(this);
    this.exit = once(this.process, 'close').then(([code]) => code as number | null);
  }

  /** Resolves with the exit code. */
  async ended(): Promise<number | null> {
    const code = await this.exit;
    this.output = this.output.trimEnd();
    return code;
  }

  async kill(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null && this.process.pid)
      process.kill(-this.process.pid, 'SIGKILL');
    await this.exit;
  }

  async prints(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      if (this.process.exitCode !== null) throw new Error(`It ended before it printed "${text}":\n${this.output}`);
      await sleep(50);
    }
  }
}

function embedded(program: string, alsoEnv?: NodeJS.ProcessEnv): Run {
  return new Run(process.execPath, [join(checkout, 'packages/embedded/dist', program)], alsoEnv);
}

async function picture(name: string): Promise<Metadata> {
  const image = sharp(join(checkout, 'out', name));
  await image.stats(); // Decodes all of it.
  return image.metadata();
}

/** Neither the services nor PostgreSQL. */
async function expectNothingRuns(): Promise<void> {
  expect(await portsAreFree()).toBe(true);
  const kept = await Promise.all(
    [join(checkout, '.data'), stateDirectory].map((directory) => readdir(directory, { recursive: true })),
  );
  expect(kept.flat().filter((file) => file.endsWith('postmaster.pid'))).toEqual([]);
}

async function portsAreFree(): Promise<boolean> {
  return (await Promise.all(ports.map(portIsFree))).every(Boolean);
}

/** What a clone would have, if everything were committed. */
async function copySource(): Promise<void> {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of new Set(files.split('\0'))) {
    if (!file || !existsSync(join(root, file))) continue;
    await mkdir(join(checkout, dirname(file)), { recursive: true });
    await copyFile(join(root, file), join(checkout, file));
  }
}

/** The installed packages, where ours are those of the copy. */
async function linkPackages(): Promise<void> {
  const modules = join(checkout, 'node_modules');
  await mkdir(join(modules, '@tintype'), { recursive: true });
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (name !== '@tintype' && name !== '.installed') await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  await writeFile(join(modules, '.installed'), '');
  for (const name of await readdir(join(root, 'node_modules/@tintype'))) {
    const workspace = relative(root, await realpath(join(root, 'node_modules/@tintype', name)));
    await symlink(join(checkout, workspace), join(modules, '@tintype', name));
    const own = join(root, workspace, 'node_modules');
    if (existsSync(own)) await symlink(own, join(checkout, workspace, 'node_modules'));
  }
}
