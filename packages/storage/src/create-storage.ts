import { FilesystemStorage } from './filesystem.js';
import type { StorageSettings } from './settings.js';
import type { Storage } from './storage.js';

export function createStorage(settings: StorageSettings): Storage {
  return new FilesystemStorage({ directory: settings.STORAGE_DIR });
}
