import { JobDocument } from '@tintype/jobs';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { expectProblem } from '../spec/problem.js';
import { json, thumb } from '../spec/requests.js';

function jobOf(url: unknown): RequestInit {
  return json({ source: { url }, outputs: [thumb] });
}

function batchOf(...urls: string[]): RequestInit {
  return json({ defaults: { outputs: [thumb] }, jobs: urls.map((url) => ({ source: { url } })) });
}

describe('where sources are fetched', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.start({ SOURCE_URL_ENABLED: 'true', OUTBOUND_ALLOW: '10.1.0.0/16' });
  });
  afterAll(() => api.close());

  test.each([
    ['https://example.com/a%20b.jpg?x=1#y', 'https://example.com/a%20b.jpg?x=1#y'],
    ['HTTP://EXAMPLE.com:80', 'http://example.com/'],
    ['http://10.1.2.3:9000/photo.jpg', 'http://10.1.2.3:9000/photo.jpg'],
    [`https://example.com/${'a'.repeat(2048 - 20)}`, `https://example.com/${'a'.repeat(2048 - 20)}`],
  ])('a job may name its source by the URL %s', async (url, stored) => {
    const answer = await api.fetch('/v1/jobs', jobOf(url));
    expect(answer.status).toBe(202);
    const { id, source } = JobDocument.parse(await answer.json());
    expect(source).toMatchObject({ kind: 'url', url: stored, format: null, bytes: null, sha256: null });
    const { job } = await api.claim(id);
    expect(job.inputs).toMatchObject([{ url: stored, storageKey: null }]);
  });

  test('so may the jobs of a batch', async () => {
    const answer = await api.fetch('/v1/batches', batchOf('https://example.com/a.jpg', 'https://example.com/b.jpg'));
    expect(answer.status).toBe(202);
  });

  test.each([
    ['of another scheme', 'ftp://example.com/a.jpg', 'invalid_format'],
    ['that is a path', '/a.jpg', 'invalid_format'],
    ['without a host', 'http://', 'invalid_format'],
    ['that is no text', 7, 'invalid_type'],
    ['with a user name', 'https://me@example.com/', 'invalid_value'],
    ['with a password', 'https://:secret@example.com/', 'invalid_value'],
    ['of 2,049 characters', `https://example.com/${'a'.repeat(2048 - 19)}`, 'too_big'],
    ['of this machine', 'http://127.0.0.1/a.jpg', 'forbidden_address'],
    ['of this machine in another spelling', 'http://0x7f.1/a.jpg', 'forbidden_address'],
    ['of this machine by its name', 'http://localhost:8080/v1/jobs', 'forbidden_address'],
    ['of the metadata of a cloud', 'http://169.254.169.254/latest/meta-data/', 'forbidden_address'],
    ['inside', 'https://[fd00::1]/a.jpg', 'forbidden_address'],
  ])('refuses a URL %s', async (_, url, code) => {
    const { errors } = await expectProblem(await api.fetch('/v1/jobs', jobOf(url)), 422, 'validation_failed');
    expect(errors).toEqual([{ pointer: '/source/url', code, detail: expect.any(String) }]);
  });

  test('refuses more than the URL', async () => {
    const source = { url: 'https://example.com/', method: 'POST' };
    const answer = await api.fetch('/v1/jobs', json({ source, outputs: [thumb] }));
    expect(await expectProblem(answer, 422, 'validation_failed')).toMatchObject({ errors: [{ pointer: '/source/method' }] });
  });

  test('names all jobs of a batch whose URL it refuses', async () => {
    const urls = ['http://10.0.0.1/', 'https://example.com/', 'http://192.168.0.1/'];
    const { errors } = await expectProblem(await api.fetch('/v1/batches', batchOf(...urls)), 422, 'validation_failed');
    expect(errors?.map(({ pointer }) => pointer)).toEqual(['/jobs/0/source/url', '/jobs/2/source/url']);
  });
});

describe('where sources are not fetched, as by default', () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await ApiUnderTest.start();
  });
  afterAll(() => api.close());

  test('no job and no batch may name its source by a URL', async () => {
    const url = 'https://example.com/a.jpg';
    const ofJob = await expectProblem(await api.fetch('/v1/jobs', jobOf(url)), 422, 'source_url_disabled');
    expect(ofJob.errors).toMatchObject([{ pointer: '/source/url', code: 'source_url_disabled' }]);
    const ofBatch = await expectProblem(await api.fetch('/v1/batches', batchOf(url, url)), 422, 'source_url_disabled');
    expect(ofBatch.errors?.map(({ pointer }) => pointer)).toEqual(['/jobs/0/source/url', '/jobs/1/source/url']);
    expect(await api.rows('job')).toBe(0);
  });
});
