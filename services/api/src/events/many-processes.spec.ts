/** Clients that follow jobs at whichever process of the API they come to, and what they see of it when one stops. */
import { JobDocument } from '@tintype/jobs';
import { eventually, freePort, type RunningService, startService } from '@tintype/testing';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { EventClient } from '../spec/event-client.js';
import { inline, json, thumb } from '../spec/requests.js';

const entry = fileURLToPath(new URL('../main.js', import.meta.url));

let api: ApiUnderTest;
let other: RunningService;
let otherUrl: string;
beforeAll(async () => {
  api = await ApiUnderTest.start();
  const port = await freePort();
  otherUrl = `http://127.0.0.1:${port}`;
  const { DATABASE_URL = '', REDIS_URL = '' } = api.settings;
  other = await startService({
    entry,
    env: {
      API_PORT: String(port),
      DATABASE_URL,
      REDIS_URL,
      STORAGE_DIR: api.storageDirectory,
      LOG_FORMAT: 'json',
      DRAIN_DELAY_SECONDS: '0',
    },
    readyUrl: `${otherUrl}/readyz`,
  });
});
afterAll(async () => {
  await other.stop('SIGKILL');
  await api.close();
});

async function createJob(change: object = {}): Promise<string> {
  const answer = await api.fetch('/v1/jobs', json({ source: inline(), outputs: [thumb], ...change }));
  return JobDocument.parse(await answer.json()).id;
}

function follow(url: string, id: string, lastEventId?: number): Promise<EventClient> {
  return EventClient.open(`${url}/v1/jobs/${id}/events`, lastEventId);
}

async function work(id: string): Promise<void> {
  const { token } = await api.claim(id);
  await api.leases.extend(id, token, 30, { stage: 'process', outputsDone: 0 });
  await api.leases.release(id, token);
  await api.finish(id);
}

test('two hundred clients at two processes see all of twenty jobs', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, () => createJob()));
  const clients = await Promise.all(
    ids.flatMap((id) => Array.from({ length: 10 }, (_, index) => follow(index % 2 === 0 ? api.url : otherUrl, id))),
  );
  await Promise.all(clients.map((client) => client.got(1)));
  for (const id of ids) await work(id);
  await Promise.all(clients.map((client) => client.end()));

  for (const [index, client] of clients.entries()) {
    const events = client.events.filter(({ type }) => type !== 'job.progress');
    expect(events.map(({ id }) => id)).toEqual([1, 2, 4, 5, 6]);
    expect(events.map(({ type }) => type)).toEqual(['job.queued', 'job.running', 'job.queued', 'job.running', 'job.completed']);
    expect(new Set(client.events.map(({ body }) => body.data.id))).toEqual(new Set([ids[Math.floor(index / 10)]]));
  }
});

test('a process that stops ends its streams at once, even those that nobody reads, and clients go on at another', async () => {
  const id = await createJob();
  const { token } = await api.claim(id);
  const clients = await Promise.all(Array.from({ length: 20 }, () => follow(otherUrl, id)));
  await Promise.all(clients.map((client) => client.got(1)));
  await leaveUnread(otherUrl, await createJobWithMuchToTell());
  const started = performance.now();
  const stopped = other.stop();
  await Promise.all(clients.map((client) => client.end()));
  expect(await stopped).toEqual({ code: 0, signal: null });
  expect(performance.now() - started).toBeLessThan(15_000);

  await api.leases.complete(id, token, { outputs: [{ name: 'thumb', status: 'completed', value: 1 }] });
  const again = await Promise.all(clients.map((client) => follow(api.url, id, client.ids.at(-1))));
  await Promise.all(again.map((client) => client.end()));
  for (const [index, client] of clients.entries()) {
    expect([...client.types, ...(again[index]?.types ?? [])]).toEqual(['job.running', 'job.completed']);
  }
  const headers = { 'Last-Event-ID': String(again[0]?.ids.at(-1)) };
  expect((await api.fetch(`/v1/jobs/${id}/events`, { headers })).status).toBe(204);
});

/** Some 20 MB of events. */
async function createJobWithMuchToTell(): Promise<string> {
  const note = 'x'.repeat(1000);
  const id = await createJob({ metadata: Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`note_${index}`, note])) });
  for (let turn = 0; turn < 200; turn++) {
    const { token } = await api.claim(id);
    await api.leases.release(id, token);
  }
  return id;
}

/** Asks for all events of a job, and reads none of them; resolves when the process has sent what it can. */
async function leaveUnread(url: string, id: string): Promise<void> {
  const client = connect(Number(new URL(url).port), '127.0.0.1');
  client.on('error', () => undefined);
  client.write(`GET /v1/jobs/${id}/events?last_event_id=1 HTTP/1.1\r\nHost: a\r\n\r\n`);
  client.pause();
  let before = -1;
  await eventually(
    async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      const sent = Number(/^job_events_sent_total\{type="job\.running"\} (\d+)$/m.exec(metrics)?.[1]);
      const same = sent === before;
      before = sent;
      return same;
    },
    { everyMs: 300 },
  );
}
