/** What comes through the Ingress is what `make run` makes of the same picture, byte by byte. */
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, type ServiceProcess, spawnService } from '@tintype/embedded';
import { samples } from '@tintype/testing';
import { ingress, Site } from './site.js';
import { type Job, type JobRequest, Tintype } from './tintype.js';

const cluster = new Tintype(ingress());
let embedded: Tintype;
let run: ServiceProcess;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tintype-e2e-'));
  await chmod(directory, 0o711); // PostgreSQL's own account passes through it.
  const [port, metricsPort] = [await freePort(), await freePort()];
  const lines: string[] = [];
  const { PATH, HOME, TMPDIR } = process.env;
  run = spawnService({
    entry: fileURLToPath(new URL('../../packages/embedded/dist/run.js', import.meta.url)),
    env: {
      PATH,
      HOME,
      TMPDIR,
      DATA_DIR: join(directory, 'data'),
      OUT_DIR: join(directory, 'out'),
      API_PORT: String(port),
      METRICS_PORT: String(metricsPort),
    },
    onLine: (line) => lines.push(line),
  });
  await run.untilReady(`http://127.0.0.1:${port}/readyz`, 60_000).catch((error: unknown) => {
    throw new Error(`make run does not start:\n${lines.join('\n')}`, { cause: error });
  });
  embedded = new Tintype(new Site({ port }));
});

afterAll(async () => {
  cluster.site.close();
  embedded.site.close();
  await run.stop();
  await rm(directory, { recursive: true, force: true });
});

const photo = await samples.photo(1200, 900);

const requests: readonly (readonly [about: string, picture: Buffer, request: JobRequest])[] = [
  [
    'five variants of a photograph',
    photo,
    {
      outputs: [
        {
          name: 'thumb',
          format: 'webp',
          quality: 80,
          operations: [{ operation: 'resize', width: 200, height: 200, position: 'attention' }, { operation: 'sharpen' }],
        },
        { name: 'hero', format: 'avif', quality: 50, operations: [{ operation: 'resize', width: 800 }] },
        { name: 'gray', format: 'jpeg', progressive: true, operations: [{ operation: 'grayscale' }] },
        {
          name: 'captioned',
          format: 'png',
          operations: [
            { operation: 'resize', width: 400 },
            { operation: 'text', text: 'Tintype', size: 32 },
          ],
        },
        {
          name: 'blurred',
          format: 'tiff',
          operations: [
            { operation: 'resize', width: 300 },
            { operation: 'blur', sigma: 4 },
            { operation: 'rotate', angle: 12 },
          ],
        },
      ],
    },
  ],
  [
    'a preset and two analyses',
    photo,
    {
      outputs: [
        { name: 'card', preset: 'social-card' },
        { name: 'hash', analysis: 'thumbhash' },
        { name: 'colour', analysis: 'dominantColour' },
      ],
    },
  ],
  [
    'a drawing with transparency',
    await samples.icon(128),
    {
      outputs: [
        { name: 'round', format: 'png', operations: [{ operation: 'roundCorners', radius: 12 }] },
        { name: 'flat', format: 'jpeg', operations: [{ operation: 'flatten', background: '#ffffff' }] },
      ],
    },
  ],
  [
    'an animation',
    await samples.animatedGif(),
    {
      outputs: [
        { name: 'small', format: 'webp', operations: [{ operation: 'resize', width: 24 }] },
        { name: 'same', format: 'gif', operations: [] },
      ],
    },
  ],
  [
    'a picture that is to be turned by its EXIF',
    await samples.exifJpeg(6),
    { outputs: [{ name: 'upright', metadata: 'copyright', operations: [] }] },
  ],
];

test.each(requests)('%s', async (_about, picture, request) => {
  const [here, there] = await Promise.all([embedded, cluster].map((site) => resultsOf(site, picture, request)));
  expect(there).toEqual(here);
  expect(there?.map(({ name }) => name)).toEqual(request.outputs.map(({ name }) => name));
});

test('half a JPEG fails with the same code', async () => {
  const broken = await samples.truncatedJpeg();
  const request = { outputs: [{ name: 'gray', operations: [{ operation: 'grayscale' }] }] };
  const jobs = await Promise.all([embedded, cluster].map(async (site) => site.finished(await site.submit(broken, request))));
  for (const { status, error } of jobs)
    expect({ status, code: error?.code }).toEqual({ status: 'failed', code: 'corrupt_image' });
});

interface Result {
  readonly name: string;
  /** Of an image, to compare it by. */
  readonly sha256?: string;
  readonly bytes?: number;
  /** Of an analysis. */
  readonly value?: unknown;
}

async function resultsOf(tintype: Tintype, picture: Buffer, request: JobRequest): Promise<Result[]> {
  const job = await tintype.finished(await tintype.submit(picture, request));
  expectCompleted(job);
  return Promise.all(
    job.outputs.map(async (output) => {
      const { name, value } = output;
      if (value !== undefined) return { name, value };
      const image = await tintype.download(output);
      return { name, bytes: image.length, sha256: createHash('sha256').update(image).digest('hex') };
    }),
  );
}

function expectCompleted({ status, error }: Job): void {
  expect({ status, error }).toEqual({ status: 'completed', error: null });
}
