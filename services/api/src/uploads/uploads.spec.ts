import { OutOfSpaceError } from '@tintype/storage';
import { eventually, samples } from '@tintype/testing';
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { expectProblem } from '../spec/problem.js';
import { form, json, photo, post, thumb } from '../spec/requests.js';
import { UploadDocument } from './upload-document.js';

const nowhere = '0198c0de-0000-7000-8000-000000000001';
const [icon, gif, webp] = await Promise.all([samples.icon(), samples.animatedGif(), samples.animatedWebp()]);
const heic = Buffer.from('0000001c667479706865696300000000686569636d69663168657666', 'hex');

let api: ApiUnderTest;
beforeAll(async () => {
  api = await ApiUnderTest.start({ UPLOAD_MAX_BYTES: '100000' });
});
afterAll(() => api.close());
afterEach(() => jest.restoreAllMocks());

function raw(bytes: Buffer, type = 'image/jpeg'): Promise<Response> {
  return api.fetch('/v1/uploads', post(bytes, { 'Content-Type': type }));
}

async function stored(answer: Response): Promise<UploadDocument> {
  expect(answer.status).toBe(201);
  return UploadDocument.parse(await answer.json());
}

describe('POST /v1/uploads', () => {
  test.each([
    ['as the body', () => raw(photo)],
    ['as a form', () => api.fetch('/v1/uploads', post(form(['file', photo])))],
  ])('stores an image sent %s, unchanged', async (_, send) => {
    const answer = await send();
    const upload = await stored(answer);

    expect(upload).toMatchObject({ object: 'upload', format: 'jpeg', bytes: photo.length });
    expect(upload.sha256).toBe(createHash('sha256').update(photo).digest('hex'));
    expect(answer.headers.get('location')).toBe(`/v1/uploads/${upload.id}`);
    const { body } = await api.storage.get(`uploads/${upload.id}`);
    expect(Buffer.concat(await body.toArray())).toEqual(photo);
    expect(await (await api.fetch(`/v1/uploads/${upload.id}`)).json()).toEqual(upload);
  });

  test.each([
    ['jpeg', photo],
    ['png', icon],
    ['gif', gif],
    ['webp', webp],
    ['avif', Buffer.concat([Buffer.from('0000001c667479706176696600000000617669666d6966316d696166', 'hex')], 128)],
    ['tiff', Buffer.concat([Buffer.from('49492a000800000001000001040001000000400000000000000000', 'hex')], 128)],
  ])('tells %s by its first bytes, whatever its type is said to be', async (format, bytes) => {
    expect(await stored(await raw(bytes, 'image/x-whatever'))).toMatchObject({ format, bytes: bytes.length });
  });

  test.each([
    ['HEIC', heic, /HEIC image, which is not supported: convert it/],
    ['SVG', samples.svg(), /not an image of a known format/],
    ['text', samples.text(), /not an image of a known format/],
    ['PDF', Buffer.from('%PDF-1.7\n'), /application\/pdf/],
    ['PHP that calls itself a picture', Buffer.from('<?php echo 1;'), /not an image/],
  ])('refuses %s before anything is stored, and says what it is', async (_, bytes, detail) => {
    const files = await api.storedKeys();
    const problem = await expectProblem(await raw(bytes), 415, 'unsupported_media_type');
    expect(problem.detail).toMatch(detail);
    expect(problem.detail).toMatch(/Accepted are JPEG/);
    expect(await api.storedKeys()).toEqual(files);
  });

  test.each([
    ['JSON', () => api.fetch('/v1/uploads', json({}))],
    ['bytes of no type', () => raw(photo, 'application/octet-stream')],
    ['no body', () => api.fetch('/v1/uploads', { method: 'POST' })],
  ])('refuses %s', async (_, send) => {
    await expectProblem(await send(), 415, 'unsupported_media_type');
  });

  test.each([
    ['an empty body', () => raw(Buffer.alloc(0))],
    ['an empty file', () => api.fetch('/v1/uploads', post(form(['file', Buffer.alloc(0)])))],
    ['no file', () => api.fetch('/v1/uploads', post(form(['file', 'text'])))],
    ['another part', () => api.fetch('/v1/uploads', post(form(['file', photo], ['action', 'grayscale'])))],
    ['another file', () => api.fetch('/v1/uploads', post(form(['photo', photo])))],
    ['two files', () => api.fetch('/v1/uploads', post(form(['file', photo], ['file', photo])))],
  ])('refuses %s and leaves nothing', async (_, send) => {
    const [rows, files] = [await api.rows('upload'), await api.storedKeys()];
    await expectProblem(await send(), 422, 'validation_failed');
    expect(await api.rows('upload')).toBe(rows);
    expect(await api.storedKeys()).toEqual(files);
  });

  test('takes what is exactly as large as the limit, and nothing larger', async () => {
    const largest = Buffer.concat([photo], 100_000);
    expect(await stored(await raw(largest))).toMatchObject({ bytes: 100_000 });

    const files = await api.storedKeys();
    const larger = Buffer.concat([photo], 100_001);
    await expectProblem(await raw(larger), 413, 'payload_too_large');
    await expectProblem(await api.fetch('/v1/uploads', post(form(['file', larger]))), 413, 'payload_too_large');
    const undeclared = {
      method: 'POST',
      headers: { 'Content-Type': 'image/jpeg' },
      body: new Blob([larger]).stream(),
      duplex: 'half',
    };
    await expectProblem(await api.fetch('/v1/uploads', undeclared as RequestInit), 413, 'payload_too_large');
    expect(await api.storedKeys()).toEqual(files);
  });

  test('answers 507 when the storage is full', async () => {
    jest.spyOn(api.storage, 'put').mockRejectedValue(new OutOfSpaceError('The storage is full'));
    const answer = await raw(photo);
    await expectProblem(answer, 507, 'insufficient_storage');
    expect(answer.headers.get('retry-after')).toBe('5');
  });
});

test('GET /v1/uploads/{id} knows no other uploads', async () => {
  await expectProblem(await api.fetch(`/v1/uploads/${nowhere}`), 404, 'not_found');
  await expectProblem(await api.fetch('/v1/uploads/1'), 404, 'not_found');
});

describe('DELETE /v1/uploads/{id}', () => {
  test('deletes row and file', async () => {
    const { id } = await stored(await raw(photo));
    const answer = await api.fetch(`/v1/uploads/${id}`, { method: 'DELETE' });
    expect(answer.status).toBe(204);
    expect(await api.storage.stat(`uploads/${id}`)).toBeUndefined();
    await expectProblem(await api.fetch(`/v1/uploads/${id}`), 404, 'not_found');
    await expectProblem(await api.fetch(`/v1/uploads/${id}`, { method: 'DELETE' }), 404, 'not_found');
  });

  test('is refused while an unfinished job reads it', async () => {
    const { id } = await stored(await raw(photo));
    const created = await api.fetch('/v1/jobs', json({ source: { upload_id: id }, outputs: [thumb] }));
    const job = (await created.json()) as { id: string };

    await expectProblem(await api.fetch(`/v1/uploads/${id}`, { method: 'DELETE' }), 409, 'in_use');
    await api.finish(job.id);
    expect((await api.fetch(`/v1/uploads/${id}`, { method: 'DELETE' })).status).toBe(204);
  });
});

test('uploads are counted by size and format, refusals by reason', async () => {
  const metrics = await (await api.fetch('/metrics')).text();
  expect(metrics).toMatch(/image_upload_size_bytes_count{format="avif"} 1\n/);
  expect(metrics).toMatch(/image_uploads_rejected_total{reason="too_large"} [1-9]/);
  expect(metrics).toMatch(/image_uploads_rejected_total{reason="unsupported_format"} [1-9]/);
  expect(metrics).toMatch(/image_uploads_rejected_total{reason="out_of_space"} 1\n/);
});

test('answers 503 when the storage does not work', async () => {
  await rm(api.storageDirectory, { recursive: true });
  await writeFile(api.storageDirectory, 'in the way');
  const answer = await raw(photo);
  await expectProblem(answer, 503, 'service_unavailable');
  expect(answer.headers.get('retry-after')).toBe('5');
  // What a probe found counts for a second.
  await eventually(async () => (await api.fetch('/readyz')).status === 503);
});
