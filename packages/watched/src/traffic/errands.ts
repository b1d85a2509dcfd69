/** What people do with the service: each errand is one of them, and together they go every way that there is. */
import { randomUUID } from 'node:crypto';
import type { Receiver } from '@tintype/faults';
import { samples } from '@tintype/testing';
import type { Pictures } from './pictures.js';
import { formOf, type Job, parsed, type Visitor } from './visitor.js';

export interface Surroundings {
  readonly visitor: Visitor;
  readonly pictures: Pictures;
  /** Takes webhooks. */
  readonly receiver: Receiver;
  /** A server that has pictures. */
  readonly web: string;
  /** Of this round: what takes turns follows it. */
  readonly round: number;
}

export type Errand = (surroundings: Surroundings) => Promise<void>;

const gray = { name: 'gray', operations: [{ operation: 'grayscale' }] };
const small = { name: 'small', operations: [{ operation: 'resize', width: 48 }], format: 'webp' };
const formats = ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const;
const priorities = ['interactive', 'normal', 'bulk'] as const;

/** One picture by the short form, in and out of every format; and its result, by each way to read it. */
const oneResult: Errand = async ({ visitor, pictures, round }) => {
  const [from, to] = [turn(formats, round), turn(formats, Math.floor(round / formats.length) + round)];
  const fields = { action: 'resize', width: '40', format: to, ...(to === 'avif' && { effort: '0' }) };
  const job = await visitor.ended(await visitor.job({ form: formOf(pictures[from], fields) }));
  const url = job.outputs[0]?.url;
  if (typeof url !== 'string') throw new Error(`a job from ${from} to ${to} ${job.status}`);
  const whole = await visitor.ask(url, 200);
  const etag = whole.headers.get('etag') ?? '';
  await visitor.ask(url, 206, { headers: { range: 'bytes=0-9' } });
  await visitor.ask(url, 304, { headers: { 'if-none-match': etag } });
  await visitor.ask(url, 200, { method: 'HEAD' });
};

const manyResults: Errand = async ({ visitor, pictures, round }) => {
  const outputs = [
    gray,
    small,
    { name: 'card', preset: 'thumbnail' },
    { name: 'turned', operations: [{ operation: 'rotate', angle: 90 }, { operation: 'sharpen' }], format: 'png' },
    { name: 'facts', analysis: 'metadata' },
    { name: 'colour', analysis: 'dominantColour' },
    { name: 'hash', analysis: 'thumbhash' },
  ];
  const job = JSON.stringify({ outputs, priority: turn(priorities, round), metadata: { round } });
  await visitor.job({ form: formOf(pictures.jpeg, { job }), headers: { prefer: 'wait=10' } });
};

/** An upload for two jobs, the second of which works on what the first one has made. */
const chain: Errand = async ({ visitor, pictures }) => {
  const upload_id = await visitor.upload(pictures.png);
  const first = await visitor.ended(await visitor.job({ json: { source: { upload_id }, outputs: [small] } }));
  const source = { job_id: first.id, output: 'small' };
  await visitor.ended(await visitor.job({ json: { source, outputs: [gray], priority: 'interactive' } }));
};

const inline: Errand = async ({ visitor, pictures }) => {
  const data = pictures.png.toString('base64');
  await visitor.job({ json: { source: { data }, outputs: [small], priority: 'bulk' } });
};

const batch: Errand = async ({ visitor, pictures }) => {
  const upload_id = await visitor.upload(pictures.jpeg);
  const jobs = [1, 2, 3].map((number) => ({ source: { upload_id }, metadata: { number } }));
  const json = { defaults: { outputs: [small], priority: 'bulk' }, jobs };
  const { id } = parsed<{ id: string }>(await visitor.ask('/v1/batches', [200, 201, 202], { json }));
  await visitor.ask(`/v1/jobs?batch_id=${id}&limit=10`, 200);
  await visitor.ask(`/v1/batches/${id}`, 200);
  await visitor.ask(`/v1/batches/${id}/cancel`, [200, 202, 409], { method: 'POST' });
  await visitor.ask('/v1/batches', 200);
};

/** The same request again, another one under its key, and two at the same time. */
const repeated: Errand = async ({ visitor, pictures }) => {
  const source = { data: pictures.png.toString('base64') };
  const headers = { 'idempotency-key': `"${randomUUID()}"` };
  await visitor.job({ json: { source, outputs: [small] }, headers });
  await visitor.job({ json: { source, outputs: [small] }, headers });
  await visitor.job({ json: { source, outputs: [gray] }, headers }, 422);
  const sameTime = { json: { source, outputs: [small] }, headers: { 'idempotency-key': `"${randomUUID()}"` } };
  await Promise.all([1, 2, 3].map(() => visitor.job(sameTime, [200, 202, 409])));
};

const canceled: Errand = async ({ visitor, pictures }) => {
  const source = { data: pictures.png.toString('base64') };
  const { id } = await visitor.job({ json: { source, outputs: [gray, small], priority: 'bulk' } });
  await visitor.ask(`/v1/jobs/${id}/cancel`, [200, 202, 409], { method: 'POST' });
  await visitor.ended({ id });
  await visitor.ask(`/v1/jobs/${id}`, 204, { method: 'DELETE' });
};

/** A picture that nobody can read, tried twice. */
const broken: Errand = async ({ visitor, pictures, round }) => {
  if (round % 3 > 0) return;
  const job = JSON.stringify({ outputs: [gray] });
  const { id } = await visitor.ended(await visitor.job({ form: formOf(pictures.truncated, { job }) }));
  await visitor.ask(`/v1/jobs/${id}/retry`, 202, { method: 'POST' });
  await visitor.ended({ id });
  await visitor.ask(`/v1/jobs/${id}/history`, 200);
  await visitor.ask('/v1/jobs?status=failed&limit=5', 200);
};

const refused: Errand = async ({ visitor, pictures }) => {
  await visitor.ask('/v1/uploads', [415, 422], { form: formOf(samples.text()) });
  await visitor.ask('/v1/uploads', 413, { form: formOf(Buffer.concat([pictures.jpeg, Buffer.alloc(300_000)])) });
  await visitor.job({ json: { source: {}, outputs: [] } }, [400, 422]);
  await visitor.ask(`/v1/jobs/${randomUUID()}`, 404);
  await visitor.ask('/v1/jobs', 405, { method: 'PUT' });
  await visitor.ask('/nowhere', 404);
};

/** Somebody who follows a job until it has ended. */
const followed: Errand = async ({ visitor, pictures }) => {
  const source = { data: pictures.png.toString('base64') };
  const { id } = await visitor.job({ json: { source, outputs: [gray, small] } });
  await visitor.ask(`/v1/jobs/${id}/events`, 200, { headers: { accept: 'text/event-stream' } });
};

const webhooks: Errand = async ({ visitor, pictures, receiver }) => {
  const { id } = parsed<{ id: string }>(
    await visitor.ask('/v1/webhook-endpoints', 201, { json: { url: receiver.url, secret: receiver.secret } }),
  );
  const path = `/v1/webhook-endpoints/${id}`;
  await visitor.ask(`${path}/test`, [200, 202], { method: 'POST' });
  await visitor.ask('/v1/webhook-endpoints', 200);
  await visitor.ask(path, 200);
  const webhook = { url: receiver.url, secret: receiver.secret };
  const source = { data: pictures.png.toString('base64') };
  const job = await visitor.ended(await visitor.job({ json: { source, outputs: [small], webhook } }));
  const answer = await visitor.ask(`/v1/webhook-deliveries?job_id=${job.id}`, 200);
  const [delivery] = parsed<{ data: readonly { id: string }[] }>(answer).data;
  if (delivery) await visitor.ask(`/v1/webhook-deliveries/${delivery.id}`, 200);
  // What waits for an endpoint that is disabled is given up, which is no ordinary work.
  await visitor.ask(path, 200, { method: 'PATCH', json: { description: 'of one errand' } });
  await visitor.ask(path, 204, { method: 'DELETE' });
};

const fromTheWeb: Errand = async ({ visitor, web, round }) => {
  const path = round % 6 === 0 ? '/missing' : '/photo';
  await visitor.ended(await visitor.job({ json: { source: { url: `${web}${path}` }, outputs: [small] } }));
};

const curious: Errand = async ({ visitor }) => {
  for (const path of ['/v1/operations', '/v1/presets', '/v1/jobs?limit=20', '/docs', '/openapi.json'])
    await visitor.ask(path, [200, 301, 302, 404]);
};

export const errands: Readonly<Record<string, Errand>> = {
  oneResult,
  manyResults,
  chain,
  inline,
  batch,
  repeated,
  canceled,
  broken,
  refused,
  followed,
  webhooks,
  fromTheWeb,
  curious,
};

export type { Job };

function turn<T>(items: readonly [T, ...T[]], round: number): T {
  return items[round % items.length] ?? items[0];
}
