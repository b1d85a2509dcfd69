import { z } from 'zod';
import { createStorage } from './create-storage.js';
import { FilesystemStorage } from './filesystem.js';
import { S3Storage } from './s3.js';
import { storageSettings } from './settings.js';

const settings = z.object(storageSettings);

test('creates the storage that the settings name', async () => {
  expect(await createStorage(settings.parse({ STORAGE_DIR: '/data' }))).toBeInstanceOf(FilesystemStorage);
  expect(await createStorage(settings.parse({ STORAGE_DRIVER: 's3', S3_BUCKET: 'images' }))).toBeInstanceOf(S3Storage);
});

test.each([
  ['filesystem', 'STORAGE_DIR'],
  ['s3', 'S3_BUCKET'],
])('%s does without none of what it needs', async (driver, name) => {
  await expect(createStorage(settings.parse({ STORAGE_DRIVER: driver }))).rejects.toThrow(`${name} is missing`);
});

test('takes only HTTP addresses for an S3 server', () => {
  expect(settings.safeParse({ S3_ENDPOINT: 'ftp://storage' }).success).toBe(false);
  expect(settings.safeParse({ S3_ENDPOINT: 'http://storage:7070' }).success).toBe(true);
});
