/** Runs the page of examples, with curl and against the real services, and checks that nothing is missing on it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeApiOffline } from '@tintype/api';
import { deliveryStatuses, jobErrors, problems, statuses } from '@tintype/jobs';
import { eventually } from '@tintype/testing';
import { root } from '../root.js';
import { type Operation, operationsOf, shownObjects, statusOf } from './coverage.js';
import { sectionsOf, serversOf } from './page.js';
import { Session, type ShownExchange } from './session.js';
import { Site } from './site.js';
import { writtenCommands } from './written-commands.js';

const page = readFileSync(join(root, 'docs/reference/examples.md'), 'utf8');

/** Codes that no client can provoke while all is well, and who sees to them. The page has them in a table. */
const exceptions: Readonly<Record<string, string>> = {
  request_timeout: 'it takes a client that is slower than curl can be: broken-requests.spec.ts of the API',
  too_many_requests: 'no route answers with it',
  internal: 'a fault of the program: errors.spec.ts of services/api',
  insufficient_storage: 'a full disk: uploads.spec.ts of services/api, and F12 and F13 of packages/faults',
  worker_crashed: 'a decoder that dies: poison.spec.ts of services/worker',
  processing_failed: 'a fault of the program',
};
/** Headers of requests that are described for no route in particular. */
const alsoRead = ['Accept', 'Content-Type', 'Expect', 'If-Match', 'X-Request-Id'];
/** Headers of answers that are HTTP's own business. */
const ofHttp = new Set(['connection', 'date', 'keep-alive', 'transfer-encoding', 'vary']);

let site: Site;
let session: Session;
let operations: Operation[];
beforeAll(async () => {
  operations = operationsOf(await describeApiOffline());
  site = await Site.open(serversOf(page));
  session = new Session(site);
});
afterAll(() => site.close());

describe('the examples are true:', () => {
  test.each(sectionsOf(page))('$title', async ({ examples }) => {
    for (const example of examples) await expect(session.follow(example)).resolves.toBeUndefined();
  });
});

test('what they show is described', () => {
  const surprises = session.shown.flatMap((exchange) => {
    const [operation] = operations.filter(({ serves }) => serves(exchange));
    const [status, code] = [statusOf(exchange), shownObjects(exchange)[0]?.object['code']];
    const described = operation?.answers.get(status);
    if (!operation || (described !== undefined && (code === undefined || described.includes(`\`${String(code)}\``)))) return [];
    return [`${operation.name}: ${status} ${String(code)}`];
  });
  expect(surprises).toEqual([]);
});

describe('the examples leave out', () => {
  test('no route, and none of its successes', () => {
    const missing = operations.flatMap((operation) => {
      const shown = new Set(session.shown.filter(operation.serves).map(statusOf));
      const successes = [...operation.answers.keys()].filter((status) => status < 400);
      return successes.filter((status) => !shown.has(status)).map((status) => `${operation.name}: ${status}`);
    });
    expect(missing).toEqual([]);
  });

  test('no header that a route reads', () => {
    const missing = operations.flatMap((operation) => {
      const exchanges = session.shown.filter(operation.serves);
      return operation.requestHeaders.filter((name) => !sends(exchanges, name)).map((name) => `${operation.name}: ${name}`);
    });
    expect([...missing, ...alsoRead.filter((name) => !sends(session.shown, name))]).toEqual([]);
  });

  test('no header that a route answers with', () => {
    const missing = operations.flatMap((operation) => {
      const names = namesOfHeaders(session.shown.filter(operation.serves).filter((exchange) => statusOf(exchange) < 400));
      return operation.responseHeaders
        .filter((name) => !names.has(name.toLowerCase()))
        .map((name) => `${operation.name}: ${name}`);
    });
    expect(missing).toEqual([]);
  });

  test('no header that came', () => {
    const shown = namesOfHeaders(session.shown);
    const came = new Set(session.shown.flatMap(({ answer }) => [...answer.headers.keys()]));
    expect([...came].filter((name) => !shown.has(name) && !ofHttp.has(name))).toEqual([]);
  });

  test.each([
    { what: 'problem', codes: problems, place: /^$/ },
    { what: 'error of a job', codes: jobErrors, place: /\/(error|last_error)$/ },
  ])('no $what', ({ codes, place }) => {
    const shown = valuesOf('code', place);
    const expected = Object.keys(codes).filter((code) => !(code in exceptions));
    expect(Object.keys(codes).filter((code) => shown.has(code))).toEqual(expected);
  });

  test('no error that has no example', () => {
    for (const code of Object.keys(exceptions)) expect(page).toContain(`\n| \`${code}\` | `);
  });

  test.each([
    { what: 'job', path: '/v1/jobs', place: /^$/, all: statuses },
    { what: 'output', path: '/v1/jobs', place: /^\/outputs\/\d+$/, all: statuses },
    { what: 'batch', path: '/v1/batches', place: /^$/, all: ['running', 'finished'] },
    { what: 'webhook delivery', path: '/v1/webhook-deliveries', place: /^$/, all: deliveryStatuses },
  ])('no status: $what', ({ path, place, all }) => {
    const shown = valuesOf(
      'status',
      place,
      session.shown.filter(({ target }) => target.startsWith(path)),
    );
    expect([...all].filter((status) => !shown.has(status))).toEqual([]);
  });

  test('no event of a job', () => {
    const types = ['progress', ...statuses].map((type) => `job.${type}`);
    expect(types.filter((type) => !valuesOf('type', /^\/event$/).has(type))).toEqual([]);
  });

  function valuesOf(property: string, place: RegExp, exchanges: readonly ShownExchange[] = session.shown): Set<unknown> {
    const objects = exchanges.flatMap(shownObjects).filter(({ at }) => place.test(at));
    return new Set(objects.map(({ object }) => object[property]));
  }
});

describe('the commands succeed that are in', () => {
  beforeAll(async () => {
    const { id } = await posted(
      `-H 'Content-Type: application/json' -d '{"url": "http://localhost:9000/hooks"}'`,
      '/v1/webhook-endpoints',
    );
    await posted('-X POST', `/v1/webhook-endpoints/${id}/test`);
  });

  test.each(['README.md', 'docs/api.md', 'docs/webhooks.md'])('%s', async (file) => {
    const commands = writtenCommands(readFileSync(join(root, file), 'utf8'));
    expect(commands.length).toBeGreaterThan(0);
    for (const { line, command } of commands) {
      const { code, complaint, output, exchanges } = await site.run(await filledIn(command));
      const status = Number(exchanges.at(-1)?.answers.at(-1)?.start.split(' ')[1]);
      if (code !== 0 || !(status >= 200 && status < 300))
        throw new Error(`${file}:${line}: ${status} ${complaint} ${output}\n${command}`);
    }
  });

  /** As its reader would: with what was made last. */
  async function filledIn(command: string): Promise<string> {
    const [, collection] = /(\/v1\/[\w-]+)\/<id>/.exec(command) ?? [];
    const id = collection === undefined ? '' : await latest(collection);
    const upload = command.includes('"upload_id": "…"') ? await posted('-F file=@photo.jpg', '/v1/uploads') : { id: '' };
    return command
      .replaceAll('<id>', id)
      .replaceAll('"upload_id": "…"', `"upload_id": "${upload.id}"`)
      .replaceAll(/https:\/\/(app\.)?example\.com/g, 'http://localhost:9000');
  }

  async function latest(collection: string): Promise<string> {
    const filter = collection === '/v1/webhook-deliveries' ? 'status=delivered&' : '';
    return eventually(async () => {
      const { output } = await site.run(`curl "http://localhost:8080${collection}?${filter}limit=1"`);
      return (JSON.parse(output) as { readonly data: readonly { readonly id: string }[] }).data[0]?.id;
    });
  }

  async function posted(options: string, path: string): Promise<{ readonly id: string }> {
    const { output } = await site.run(`curl ${options} http://localhost:8080${path}`);
    return JSON.parse(output) as { readonly id: string };
  }
});

function sends(exchanges: readonly ShownExchange[], name: string): boolean {
  return exchanges.some(({ requestHeaders }) => requestHeaders.has(name.toLowerCase()));
}

/** In lower case. */
function namesOfHeaders(exchanges: readonly ShownExchange[]): Set<string> {
  return new Set(exchanges.flatMap(({ shown }) => shown.headers.map(([name]) => name.toLowerCase())));
}
