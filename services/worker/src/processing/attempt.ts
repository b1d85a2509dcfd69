/** One attempt at a job, up to the point where its results lie in the storage and only have to be recorded. */
import { AsyncResource } from 'node:async_hooks';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ClaimedJob, type JobInput, outputKey, type OutputOutcome, type SourceFound } from '@tintype/jobs';
import { formatOf, type ImageLimits, referenceKey } from '@tintype/operations';
import type { RunRequest } from '@tintype/operations/run';
import type { Storage } from '@tintype/storage';
import type { ChildPool } from '../children/child-pool.js';
import type { ChildEvent, OutputResult } from '../children/messages.js';
import { drawStages } from './attempt-span.js';
import { ImageAccount } from './image-account.js';
import type { ImageMetrics } from './image-metrics.js';
import type { LeaseKeeper } from './lease-keeper.js';
import type { ScratchDirectories } from './scratch-directories.js';
import type { SourceOfUrl } from './source-of-url.js';
import type { Stopwatch } from './stopwatch.js';

export interface AttemptTools {
  readonly storage: Storage;
  readonly sources: SourceOfUrl;
  readonly scratch: ScratchDirectories;
  readonly children: ChildPool;
  readonly images: ImageMetrics;
  readonly limits: ImageLimits;
}

export interface Results {
  readonly source: SourceFound | undefined;
  readonly outputs: readonly OutputOutcome[];
  /** Of the files that were stored. */
  readonly keys: readonly string[];
}

/**
 * Reads the inputs, runs the pipelines in a child process and stores what comes out. Rejects with an ImageError, a ChildFailure
 * or a StorageError when the attempt as a whole failed; then nothing is left in the storage.
 */
export function runAttempt(job: ClaimedJob, tools: AttemptTools, lease: LeaseKeeper, stopwatch: Stopwatch): Promise<Results> {
  return tools.scratch.with((directory) => runIn(directory, job, tools, lease, stopwatch));
}

async function runIn(
  directory: string,
  job: ClaimedJob,
  { storage, sources, children, images, limits }: AttemptTools,
  lease: LeaseKeeper,
  stopwatch: Stopwatch,
): Promise<Results> {
  const keys: string[] = [];
  const storing = new Map<number, Promise<OutputOutcome>>();
  const account = new ImageAccount(images, stopwatch);
  let source: SourceFound | undefined;
  let sourceBytes = 0;

  // An output is stored as soon as it is there, while the child works on the next.
  const onEvent = (event: ChildEvent): void => {
    if (event.type === 'source') {
      if (source) return;
      source = event.source;
      account.read(event.source, sourceBytes);
      return;
    }
    const name = job.outputs[event.index]?.name;
    if (name === undefined || storing.has(event.index)) return;
    account.made(event.result);
    drawStages(name, event.result.stages);
    const stored = store(name, event.index, event.result);
    stored.then(
      () => lease.outputStored(),
      () => undefined,
    );
    storing.set(event.index, stored);
  };

  const store = async (name: string, index: number, result: OutputResult): Promise<OutputOutcome> => {
    if (result.status === 'failed') return { name, status: 'failed', code: result.code, detail: result.detail };
    if (result.kind === 'analysis') return { name, status: 'completed', value: result.value };
    const storageKey = outputKey(job, name);
    keys.push(storageKey);
    // Not the path that the child names: it has decoded a stranger's file.
    const path = join(directory, String(index));
    await account.store(result, () => storage.putFile(storageKey, path, { synced: storage.keepsFiles }));
    const { format, width, height, pages, bytes, sha256 } = result;
    return {
      name,
      status: 'completed',
      format,
      mediaType: formatOf(format).mediaType,
      width,
      height,
      pages,
      bytes,
      sha256,
      storageKey,
    };
  };

  try {
    const request = await stopwatch.time('fetch', async () => {
      const inputs = await sources.stored(job, lease.signal);
      sourceBytes = inputs[0]?.bytes ?? 0;
      return requestOf({ ...job, inputs }, storage, directory, limits);
    });
    lease.enter('process');
    // What the child tells belongs to this attempt, and not to whatever started the child.
    await children.run(request, lease.signal, AsyncResource.bind(onEvent));
    lease.enter('store');
    const outputs = await Promise.all(job.outputs.map((_, index) => storing.get(index) ?? leftOut(index)));
    await removeCopies(request);
    return { source, outputs, keys };
  } catch (error) {
    await Promise.allSettled(storing.values());
    await storage.delete(keys).catch(() => undefined);
    throw error;
  }
}

function leftOut(index: number): never {
  throw new Error(`The child process left out output ${index}`);
}

async function requestOf(
  job: Pick<ClaimedJob, 'inputs' | 'outputs'>,
  storage: Storage,
  directory: string,
  limits: ImageLimits,
): Promise<RunRequest> {
  const paths = await Promise.all(job.inputs.map((input) => storage.fetch(storedKey(input), directory)));
  const source = paths[0];
  if (source === undefined) throw new Error('The job has no source');
  const images = job.inputs.flatMap((input, position) => {
    const key = keyOf(input);
    const path = paths[position];
    return key !== undefined && path !== undefined ? [[key, path] as const] : [];
  });
  const outputs = job.outputs.map(({ spec }) => spec);
  return { source, images: Object.fromEntries(images), outputs, directory, sync: storage.keepsFiles, limits };
}

/** Of the inputs, where the storage had to make some: the directory is for other jobs, too. */
async function removeCopies({ source, images, directory }: RunRequest): Promise<void> {
  const copies = [source, ...Object.values(images)].filter((path) => dirname(path) === directory);
  await Promise.all(copies.map((path) => rm(path, { force: true })));
}

function storedKey({ storageKey, position }: JobInput): string {
  if (storageKey === null) throw new Error(`Input ${position} is not stored`);
  return storageKey;
}

/** The key under which operations refer to an input; the source that came with the job has none. */
function keyOf({ uploadId, fromJobId, fromOutput }: JobInput): string | undefined {
  if (uploadId !== null) return referenceKey({ upload_id: uploadId });
  if (fromJobId !== null && fromOutput !== null) return referenceKey({ job_id: fromJobId, output: fromOutput });
  return undefined;
}
