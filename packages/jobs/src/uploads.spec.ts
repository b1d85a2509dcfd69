import { v7 as uuidv7 } from 'uuid';
import { JobDatabase, newJob, storedFile } from './spec/job-database.js';

let jobs: JobDatabase;
beforeAll(async () => {
  jobs = await JobDatabase.open();
});
afterAll(() => jobs.close());

test('an upload is found as it was created', async () => {
  const upload = await jobs.uploads.create({ id: uuidv7(), ...storedFile() });

  expect(upload.createdAt).toBeInstanceOf(Date);
  expect(await jobs.uploads.find(upload.id)).toEqual(upload);
});

test('an upload is not deleted while an unfinished job reads it', async () => {
  const upload = await jobs.uploads.create({ id: uuidv7(), ...storedFile() });
  const job = await jobs.intake.create(newJob({ source: { upload_id: upload.id } }));

  expect(await jobs.uploads.delete(upload.id)).toBe('in_use');
  await jobs.intake.cancel(job.id);
  expect(await jobs.uploads.delete(upload.id)).toBe('deleted');

  expect(await jobs.uploads.find(upload.id)).toBeUndefined();
  expect((await jobs.read(job)).inputs[0]?.uploadId).toBe(upload.id);
});

test('an unknown upload is not found', async () => {
  expect(await jobs.uploads.delete(uuidv7())).toBe('not_found');
});

test('a deletion and a new job with the upload at the same time never both win', async () => {
  for (let round = 0; round < 20; round++) {
    const upload = await jobs.uploads.create({ id: uuidv7(), ...storedFile() });
    const [created, deleted] = await Promise.allSettled([
      jobs.intake.create(newJob({ source: { upload_id: upload.id } })),
      jobs.uploads.delete(upload.id),
    ]);
    const outcome = deleted.status === 'fulfilled' ? deleted.value : deleted.reason;
    expect(outcome).toBe(created.status === 'fulfilled' ? 'in_use' : 'deleted');
  }
});
