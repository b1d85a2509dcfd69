import { FilesystemStorage } from './filesystem.js';
import type { StorageSettings } from './settings.js';
import type { Storage } from './storage.js';

export async function createStorage(settings: StorageSettings): Promise<Storage> {
  switch (settings.STORAGE_DRIVER) {
    case 'filesystem':
      return new FilesystemStorage({ directory: required(settings, 'STORAGE_DIR') });
    case 's3': {
      const bucket = required(settings, 'S3_BUCKET');
      // The SDK takes 20 MB and a good part of the start, which only its users should pay.
      const { S3Storage } = await import('./s3.js');
      return new S3Storage({
        bucket,
        endpoint: settings.S3_ENDPOINT,
        region: settings.S3_REGION,
        credentials: credentials(settings),
        forcePathStyle: settings.S3_FORCE_PATH_STYLE,
      });
    }
  }
}

function credentials({ S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey }: StorageSettings) {
  return accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined;
}

/** What reads the settings reports such a lack better, but the types do not know it. */
function required(settings: StorageSettings, name: 'STORAGE_DIR' | 'S3_BUCKET'): string {
  const value = settings[name];
  if (value === undefined) throw new Error(`${name} is missing for STORAGE_DRIVER=${settings.STORAGE_DRIVER}`);
  return value;
}
