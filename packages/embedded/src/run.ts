/**
 * `make run`: everything on this machine, from Node and the packages alone. Starts PostgreSQL, the API and a worker, has them
 * process a sample picture and serves until Ctrl-C.
 */
import { relative } from 'node:path';
import { processSample, samplePicture, type SampleResult } from './run/sample-job.js';
import { aborted, inSession, seconds } from './run/session.js';
import { root } from './run/settings.js';
import type { Stack } from './run/stack.js';

process.exitCode = await inSession(async (stack, { outDirectory, dataDirectory, once }, interrupted) => {
  reportSample(await processSample(stack.apiUrl, outDirectory, interrupted));
  if (once) return;
  reportWhatNext(stack, dataDirectory);
  await Promise.race([stack.untilFailure(), aborted(interrupted)]);
});

function reportSample({ jobId, tookMs, files }: SampleResult): void {
  console.log(`${'sample job'.padEnd(12)} ${seconds(tookMs).padStart(7)}  ${shown(samplePicture)} as job ${jobId}`);
  const width = Math.max(...files.map(({ path }) => shown(path).length));
  for (const { path, bytes, about } of files)
    console.log(`${' '.repeat(22)}${shown(path).padEnd(width)}  ${size(bytes).padStart(8)}  ${about}`);
}

function reportWhatNext({ apiUrl, metricsUrl }: Stack, dataDirectory: string): void {
  const job =
    '{"outputs":[{"name":"thumb","format":"webp","operations":[{"operation":"resize","width":200},{"operation":"sepia"}]}]}';
  console.log(`
  ${apiUrl}/docs         the API, to try it
  ${apiUrl}/metrics      metrics of the API
  ${metricsUrl}/metrics      metrics of the worker

  curl ${apiUrl}/v1/jobs -H 'Prefer: wait=10' -F file=@${shown(samplePicture)} -F 'job=${job}'
  curl ${apiUrl}/v1/jobs
  curl ${apiUrl}/v1/operations

Serving until Ctrl-C. Images, database and logs stay in ${shown(dataDirectory)} (make clean-data removes them).`);
}

function shown(path: string): string {
  const within = relative(root, path);
  return within.startsWith('..') ? path : within;
}

function size(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} kB`;
}
