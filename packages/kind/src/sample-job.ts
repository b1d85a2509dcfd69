/** Shows that the whole of it works: a picture through the Ingress, the API, the queue, a worker, the object storage, and back. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Complaint } from './complaint.js';
import { type Answer, type Entrance, send } from './entrance.js';
import { root } from './settings.js';

/** From the checkout. */
export const samplePicture = 'packages/embedded/sample.jpg';

const timeoutMs = 60_000;

const Job = z.object({
  id: z.string(),
  status: z.string(),
  error: z.unknown(),
  outputs: z.tuple([z.object({ url: z.string(), media_type: z.string().nullable() })]),
});

/** Resolves with a few words about the result. */
export async function processSample(entrance: Entrance, signal: AbortSignal): Promise<string> {
  const deadline = performance.now() + timeoutMs;
  await untilOpen(entrance, deadline, signal);

  const form = new FormData();
  form.set('action', 'grayscale');
  form.set('file', new Blob([await readFile(join(root, samplePicture))], { type: 'image/jpeg' }), 'sample.jpg');
  let job = parseJob(await send(entrance, '/v1/jobs', { form, headers: { prefer: 'wait=10' }, signal }));
  while (['queued', 'running'].includes(job.status)) {
    if (performance.now() > deadline) throw new Complaint(`The sample job ${job.id} is still ${job.status}.`);
    job = parseJob(await send(entrance, `/v1/jobs/${job.id}?wait=10`, { signal }));
  }
  if (job.status !== 'completed') {
    throw new Complaint(`The sample job ${job.id} ended as ${job.status}: ${JSON.stringify(job.error)}`);
  }

  const [{ url, media_type: mediaType }] = job.outputs;
  const { status, body } = await send(entrance, url, { signal });
  if (status !== 200) throw new Complaint(`${url} answered ${status}: ${body.toString().slice(0, 500)}`);
  return `${samplePicture} became ${mediaType} of ${body.length} bytes, job ${job.id}`;
}

/** Traefik takes a moment to notice a new Ingress or a new pod. */
async function untilOpen(entrance: Entrance, deadline: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const answer = await send(entrance, '/openapi.json', { signal }).catch((error: Error) => error);
    if (!(answer instanceof Error) && answer.status === 200) return;
    signal.throwIfAborted();
    if (performance.now() > deadline) {
      const seen = answer instanceof Error ? answer.message : `${answer.status} ${answer.body.toString().slice(0, 200)}`;
      throw new Complaint(`${entrance.url}/openapi.json does not answer with the API's description: ${seen}`);
    }
    await sleep(500, undefined, { signal });
  }
}

function parseJob({ status, body }: Answer): z.infer<typeof Job> {
  if (status !== 200 && status !== 202) throw new Complaint(`The API answered ${status} to the sample job: ${body.toString()}`);
  return Job.parse(JSON.parse(body.toString()));
}
