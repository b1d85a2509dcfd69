import { JobDocument } from '@tintype/jobs';
import { samples } from '@tintype/testing';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { expectProblem } from '../spec/problem.js';
import { form, photo, post, thumb } from '../spec/requests.js';

const job = JSON.stringify({ outputs: [thumb], metadata: { order: 7 }, priority: 'interactive' });
const jobPart = new Blob([job], { type: 'application/json' });

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start();
});
afterAll(() => api.close());

async function send(...parts: Parameters<typeof form>): Promise<Response> {
  return api.fetch('/v1/jobs', post(form(...parts)));
}

/** The only output, as the job stores it. */
async function storedOutput(answer: Response): Promise<unknown> {
  expect(answer.status).toBe(202);
  const { id } = JobDocument.parse(await answer.json());
  return (await api.claim(id)).job.outputs[0]?.spec;
}

describe('a form with a job', () => {
  test.each([
    [
      'the file first',
      [
        ['file', photo],
        ['job', job],
      ],
    ],
    [
      'the job first',
      [
        ['job', job],
        ['file', photo],
      ],
    ],
    [
      'the job as a part of application/json',
      [
        ['job', jobPart],
        ['file', photo],
      ],
    ],
  ] as [string, Parameters<typeof form>][])('is accepted with %s', async (_, parts) => {
    const answer = await send(...parts);
    expect(answer.status).toBe(202);
    const document = JobDocument.parse(await answer.json());
    expect(document).toMatchObject({
      metadata: { order: 7 },
      priority: 'interactive',
      source: { kind: 'file', format: 'jpeg', bytes: photo.length },
    });
    const { inputs } = (await api.claim(document.id)).job;
    expect(await api.storage.stat(inputs[0]?.storageKey ?? '')).toEqual({ bytes: photo.length });
  });

  test.each([
    ['no file', [['job', job]], 422, 'validation_failed', '/file'],
    [
      'the file as a field',
      [
        ['file', 'bytes'],
        ['job', job],
      ],
      422,
      'validation_failed',
      '/file',
    ],
    [
      'two files',
      [
        ['file', photo],
        ['file', photo],
        ['job', job],
      ],
      422,
      'validation_failed',
      '/file',
    ],
    [
      'a file of another name',
      [
        ['photo', photo],
        ['job', job],
      ],
      422,
      'validation_failed',
      '/photo',
    ],
    [
      'two jobs',
      [
        ['job', job],
        ['job', job],
        ['file', photo],
      ],
      422,
      'validation_failed',
      '/job',
    ],
    [
      'a field that is not known',
      [
        ['job', job],
        ['colour', 'red'],
        ['file', photo],
      ],
      422,
      'validation_failed',
      '/colour',
    ],
    [
      'a source beside the file',
      [
        ['job', '{"source":{},"outputs":[{"name":"a"}]}'],
        ['file', photo],
      ],
      422,
      'validation_failed',
      '/source',
    ],
    [
      'a bad job after the file',
      [
        ['file', photo],
        ['job', '{"outputs":[]}'],
      ],
      422,
      'validation_failed',
      '/outputs',
    ],
    [
      'a job that is no JSON',
      [
        ['file', photo],
        ['job', 'grayscale please'],
      ],
      400,
      'malformed_json',
      undefined,
    ],
    [
      'an unknown preset',
      [
        ['file', photo],
        ['job', '{"outputs":[{"name":"a","preset":"no"}]}'],
      ],
      422,
      'preset_not_found',
      '/outputs/0/preset',
    ],
    [
      'an empty file',
      [
        ['file', Buffer.alloc(0)],
        ['job', job],
      ],
      422,
      'validation_failed',
      undefined,
    ],
    [
      'a file that is no image',
      [
        ['job', job],
        ['file', samples.text()],
      ],
      415,
      'unsupported_media_type',
      undefined,
    ],
    [
      'too large a field',
      [
        ['file', photo],
        ['job', ' '.repeat(65 * 1024)],
      ],
      413,
      'payload_too_large',
      undefined,
    ],
    [
      'too large a job part',
      [
        ['file', photo],
        ['job', new Blob([' '.repeat(65 * 1024)])],
      ],
      413,
      'payload_too_large',
      undefined,
    ],
    ['too many fields', Array.from({ length: 40 }, (_, index) => [`f${index}`, 'x']), 422, 'validation_failed', undefined],
  ] as [string, Parameters<typeof form>, number, 'validation_failed', string | undefined][])(
    'with %s is refused and leaves nothing',
    async (_, parts, status, code, pointer) => {
      const [rows, files] = [await api.rows('job'), await api.storedKeys()];

      const problem = await expectProblem(await send(...parts), status, code);

      if (pointer) expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
      expect(await api.rows('job')).toBe(rows);
      expect(await api.storedKeys()).toEqual(files);
    },
  );

  test('with a bad job before a large file is refused before the file has arrived', async () => {
    const boundary = 'b';
    let sent = 0;
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="job"\r\n\r\n{"outputs":[]}\r\n`;
    const file = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n`;
    async function* slowly(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(head + file);
      for (let chunk = 0; chunk < 1000; chunk++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        sent++;
        yield photo;
      }
    }
    const answer = await api.fetch('/v1/jobs', {
      method: 'POST',
      headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
      body: slowly() as unknown as ReadableStream,
      duplex: 'half',
    } as RequestInit);

    await expectProblem(answer, 422, 'validation_failed');
    expect(sent).toBeLessThan(500);
  });

  test.each([
    ['without a boundary', 'multipart/form-data', 'x'],
    ['that breaks off', 'multipart/form-data; boundary=b', '--b\r\nContent-Disposition: form-data; name="job"\r\n\r\n{}'],
    ['with a malformed part header', 'multipart/form-data; boundary=b', '--b\r\nContent-Disposition\r\n\r\nx\r\n--b--\r\n'],
    [
      'whose file breaks off',
      'multipart/form-data; boundary=b',
      `--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nGIF89a`,
    ],
  ])('%s is refused', async (_, type, body) => {
    await expectProblem(await api.fetch('/v1/jobs', post(body, { 'Content-Type': type })), 400, 'malformed_multipart');
    expect(await api.storedKeys()).not.toContainEqual(expect.stringContaining('.tmp'));
  });
});

describe('the short form', () => {
  test('of an action alone makes one output in the format of the source', async () => {
    expect(await storedOutput(await send(['file', photo], ['action', 'grayscale']))).toMatchObject({
      name: 'image',
      operations: [{ operation: 'grayscale' }],
    });
  });

  test('gives options to the operation and the output that have them, with their types', async () => {
    const fields = {
      action: 'resize',
      width: '200',
      withoutEnlargement: 'true',
      background: '#fff',
      format: 'webp',
      quality: '70',
      lossless: 'false',
    };
    const output = await storedOutput(await send(...(Object.entries(fields) as [string, string][]), ['file', photo]));
    expect(output).toMatchObject({
      name: 'image',
      operations: [{ operation: 'resize', width: 200, withoutEnlargement: true, background: '#fff' }],
      format: 'webp',
      quality: 70,
      lossless: false,
    });
  });

  test('takes objects as JSON, and text as it is where an option is text', async () => {
    const colour = await storedOutput(await send(['file', photo], ['action', 'flatten'], ['background', '{"r":1,"g":2,"b":3}']));
    expect(colour).toMatchObject({ operations: [{ background: { r: 1, g: 2, b: 3, alpha: 1 } }] });
    const text = await storedOutput(await send(['file', photo], ['action', 'text'], ['text', '123']));
    expect(text).toMatchObject({ operations: [{ operation: 'text', text: '123' }] });
  });

  test('of convert makes an output without operations', async () => {
    expect(await storedOutput(await send(['action', 'convert'], ['format', 'png'], ['file', photo]))).toMatchObject({
      operations: [],
      format: 'png',
    });
  });

  test.each([
    ['no action', [], '/action'],
    ['an unknown action', [['action', 'explode']], '/action'],
    [
      'an option that is out of range',
      [
        ['action', 'resize'],
        ['width', '0'],
      ],
      '/width',
    ],
    [
      'an option that is no number',
      [
        ['action', 'resize'],
        ['width', 'wide'],
      ],
      '/width',
    ],
    ['an option that is missing', [['action', 'crop']], '/width'],
    [
      'an option that nothing has',
      [
        ['action', 'grayscale'],
        ['sparkle', '1'],
      ],
      '/sparkle',
    ],
    [
      'an unknown format',
      [
        ['action', 'grayscale'],
        ['format', 'bmp'],
      ],
      '/format',
    ],
  ] as [string, Parameters<typeof form>, string][])('with %s is refused and leaves nothing', async (_, parts, pointer) => {
    const files = await api.storedKeys();
    const { errors = [] } = await expectProblem(await send(['file', photo], ...parts), 422, 'validation_failed');
    expect(errors.map((error) => error.pointer)).toContain(pointer);
    expect(await api.storedKeys()).toEqual(files);
  });
});
