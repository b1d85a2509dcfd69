/** Shows that all of it works: sends the sample picture through the public API and fetches what came of it. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Complaint } from './complaint.js';
import { root } from './settings.js';

export const samplePicture = join(root, 'packages', 'embedded', 'sample.jpg');

const outputs = [
  { name: 'thumbnail', format: 'webp', operations: [{ operation: 'resize', width: 320 }] },
  {
    name: 'square',
    format: 'avif',
    operations: [{ operation: 'resize', width: 240, height: 240, fit: 'cover' }, { operation: 'sharpen' }],
  },
  { name: 'grayscale', operations: [{ operation: 'grayscale' }] },
  { name: 'sepia', operations: [{ operation: 'sepia' }] },
  {
    name: 'blurred',
    format: 'png',
    operations: [
      { operation: 'resize', width: 320 },
      { operation: 'blur', sigma: 4 },
    ],
  },
  { name: 'colour', operations: [], analysis: 'dominantColour' },
];

interface JobDocument {
  readonly id: string;
  readonly status: string;
  readonly error: unknown;
  readonly outputs: readonly OutputDocument[];
}

interface OutputDocument {
  readonly name: string;
  readonly url: string;
  readonly format: string | null;
  readonly width: number | null;
  readonly height: number | null;
}

export interface SampleResult {
  readonly jobId: string;
  /** From the request until the job was completed. */
  readonly tookMs: number;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly about: string }[];
}

const timeoutMs = 60_000;
const finalStatuses = new Set(['completed', 'failed', 'canceled']);

export async function processSample(apiUrl: string, outDirectory: string, signal: AbortSignal): Promise<SampleResult> {
  const started = performance.now();
  const { id } = await submit(apiUrl, signal);
  const job = await untilFinished(`${apiUrl}/v1/jobs/${id}`, signal);
  const tookMs = performance.now() - started;
  if (job.status !== 'completed')
    throw new Complaint(`The sample job ${id} ended as ${job.status}: ${JSON.stringify(job.error)}`);

  await mkdir(outDirectory, { recursive: true });
  const files = await Promise.all(job.outputs.map((output) => download(apiUrl, output, outDirectory, signal)));
  return { jobId: id, tookMs, files };
}

async function submit(apiUrl: string, signal: AbortSignal): Promise<JobDocument> {
  const form = new FormData();
  form.set('job', JSON.stringify({ outputs }));
  form.set('file', new Blob([await readFile(samplePicture)], { type: 'image/jpeg' }), 'sample.jpg');
  return json(await fetch(`${apiUrl}/v1/jobs`, { method: 'POST', body: form, signal }));
}

async function untilFinished(url: string, signal: AbortSignal): Promise<JobDocument> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const job = await json(await fetch(url, { signal }));
    if (finalStatuses.has(job.status)) return job;
    if (performance.now() > deadline)
      throw new Complaint(`The sample job is still ${job.status} after ${timeoutMs / 1000} s: ${url}`);
    await sleep(50, undefined, { signal });
  }
}

async function download(
  apiUrl: string,
  output: OutputDocument,
  directory: string,
  signal: AbortSignal,
): Promise<SampleResult['files'][number]> {
  const response = await fetch(new URL(output.url, apiUrl), { signal });
  if (!response.ok) throw new Complaint(`${output.url} answered ${response.status}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  const path = join(directory, `${output.name}.${extension(output.format)}`);
  await writeFile(path, bytes);
  return { path, bytes: bytes.length, about: output.width ? `${output.width}×${output.height}` : bytes.toString().trim() };
}

function extension(format: string | null): string {
  if (!format) return 'json';
  return format === 'jpeg' ? 'jpg' : format;
}

async function json(response: Response): Promise<JobDocument> {
  if (!response.ok) throw new Complaint(`The API refused the sample job (${response.status}): ${await response.text()}`);
  return (await response.json()) as JobDocument;
}
