/** Event streams when something is not as it should be: clients that do not read, too many of them, no database. */
import { JobDocument, JobHistory } from '@tintype/jobs';
import { metrics } from '@tintype/metrics';
import { eventually } from '@tintype/testing';
import { getToken } from '@willsoto/nestjs-prometheus';
import express, { type NextFunction, type Request, type Response } from 'express';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Counter, Gauge } from 'prom-client';
import { JobWatcher } from '../jobs/job-watcher.js';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { BrokenLine } from '../spec/broken-line.js';
import { EventClient } from '../spec/event-client.js';
import { expectProblem } from '../spec/problem.js';
import { inline, json, thumb } from '../spec/requests.js';
import { EventStreams } from './event-streams.js';

let api: ApiUnderTest;
/** Another process, as it were, that may have two streams, and whose line to the database can be cut. */
let other: ApiUnderTest;
let line: BrokenLine;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  const broken = await BrokenLine.to(api.settings.DATABASE_URL ?? '');
  line = broken.line;
  other = await ApiUnderTest.start({ EVENT_STREAMS_MAX: '2', DATABASE_URL: broken.url });
});
afterAll(async () => {
  await other.close();
  await api.close();
});

async function createJob(change: object = {}): Promise<string> {
  const answer = await api.fetch('/v1/jobs', json({ source: inline(), outputs: [thumb], ...change }));
  return JobDocument.parse(await answer.json()).id;
}

function follow(id: string, at: { url: string } = other): Promise<EventClient> {
  return EventClient.open(`${at.url}/v1/jobs/${id}/events`);
}

test('more streams than a process may have are refused, until one has ended', async () => {
  const id = await createJob();
  const [first, second] = await Promise.all([follow(id), follow(id)]);
  const refused = await other.fetch(`/v1/jobs/${id}/events`);
  expect(refused.headers.get('retry-after')).toBe('5');
  await expectProblem(refused, 503, 'service_unavailable');
  expect(await (await other.fetch('/metrics')).text()).toMatch(/^event_streams_refused_total 1$/m);

  first.leave();
  const third = await eventually(() => follow(id));
  await third.got(1);
  expect(third.types).toEqual(['job.queued']);
  second.leave();
  third.leave();
});

test('while the database is away streams stay open, and afterwards they tell what has happened', async () => {
  const id = await createJob();
  const client = await eventually(() => follow(id));
  await client.got(1);
  line.cut();
  const { token } = await api.claim(id);
  await eventually(() => other.log.some(({ msg }) => msg === 'jobs cannot be watched at the moment'));
  await expectProblem(await other.fetch(`/v1/jobs/${id}/events`), 503, 'service_unavailable');
  expect(client.ended).toBe(false);
  expect(client.types).toEqual(['job.queued']);

  await line.mend();
  await client.got('job.running');
  await api.leases.complete(id, token, { outputs: [{ name: 'thumb', status: 'completed', value: 1 }] });
  await client.end();
  expect(client.types).toEqual(['job.queued', 'job.running', 'job.completed']);
  expect(other.log).toContainEqual(expect.objectContaining({ msg: 'jobs can be watched again' }));
});

describe('in little time', () => {
  const stallMs = 500;
  let server: Server;
  let url: string;
  let sent: Counter;
  let open: Gauge;
  beforeAll(async () => {
    sent = api.app.get(getToken(metrics.jobEventsSent.name), { strict: false });
    open = api.app.get(getToken(metrics.eventStreamsOpen.name), { strict: false });
    const watcher = api.app.get(JobWatcher, { strict: false });
    const times = { heartbeatMs: 50, stallMs };
    const refused: Counter = api.app.get(getToken(metrics.eventStreamsRefused.name), { strict: false });
    const settings = { EVENT_STREAMS_MAX: 10 };
    const streams = new EventStreams(api.app.get(JobHistory), watcher, settings, open, sent, refused, times);
    const app = express();
    app.get('/v1/jobs/:id/events', (request: Request<{ id: string }>, response: Response, next: NextFunction) => {
      streams.follow(request.params.id, Number(request.query['last_event_id'] ?? 1), response).catch(next);
    });
    server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('something is sent even when nothing happens', async () => {
    const id = await createJob();
    const client = await follow(id, { url });
    await eventually(() => client.others.length > 5);
    expect(client.others.slice(1, 6)).toEqual([':', ':', ':', ':', ':']);
    expect(client.events).toEqual([]);
    await api.finish(id);
    await client.end();
    expect(client.types).toEqual(['job.running', 'job.completed']);
  });

  test('a client that does not read gets no more than fits on the way to it, and is dropped', async () => {
    const note = 'x'.repeat(1000);
    const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`note_${index}`, note]));
    const id = await createJob({ metadata });
    const turns = 200;
    for (let turn = 0; turn < turns; turn++) {
      const { token } = await api.claim(id);
      await api.leases.release(id, token);
    }
    const before = await total(sent);

    const client = connect(Number(new URL(url).port), '127.0.0.1');
    const closed = once(client, 'close');
    client.write(`GET /v1/jobs/${id}/events HTTP/1.1\r\nHost: a\r\n\r\n`);
    client.pause();
    await eventually(async () => (await total(open)) === 1);
    const started = performance.now();
    await eventually(async () => (await total(open)) === 0);

    expect(performance.now() - started).toBeGreaterThan(stallMs / 2);
    const events = (await total(sent)) - before;
    expect(events).toBeGreaterThan(0);
    expect(events).toBeLessThan(turns * 2);
    client.resume();
    client.on('error', () => undefined);
    await closed;

    const again = await EventClient.open(`${url}/v1/jobs/${id}/events?last_event_id=${events}`);
    await again.got(turns * 2 - events + 1);
    expect(again.ids[0]).toBe(events + 1);
    again.leave();
  });
});

/** Over all labels. */
async function total(metric: Counter | Gauge): Promise<number> {
  return (await metric.get()).values.reduce((sum, { value }) => sum + value, 0);
}
